/** Loads the modules that the parent names into the compile cache at the path given, and runs none of them (see lean.ts). */
import { enableCompileCache, flushCompileCache } from 'node:module'

const stop = 'data:text/javascript,throw%20new%20Error(%22loaded%22)'

enableCompileCache(process.argv[2])
process.once('message', async (urls) => {
  const all = [stop, ...urls].map((url) => `import ${JSON.stringify(url)}`).join('\n')
  try {
    await import(`data:text/javascript,${encodeURIComponent(all)}`)
  } catch (err) {
    if (err.message !== 'loaded') {
      console.error(err)
      process.exitCode = 1
    }
  }
  flushCompileCache()
  process.disconnect()
})
