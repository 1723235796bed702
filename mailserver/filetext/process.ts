import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { dirname } from 'node:path'
import { subsystem } from '#kit/log.ts'
import { FILE_MS, HEAP_MB, MEMORY_MB } from './limits.ts'
import type { FromReader, ToReader } from './protocol.ts'
import type { FileState } from './unreadable.ts'

const log = subsystem('filetext')
/** How often the memory of a process at work is looked at; pdf.js can fill some 100 MB in that time. */
const LOOK_MS = 100
/** A process that has read so many files makes way for a fresh one: what a library leaks stays small. */
const FILES_EACH = 500
/** Of one process in all its life, 500 files of a second each. */
const CPU_SECONDS = 600
/** Starting takes half a second; longer means that the machine is in trouble. */
const START_MS = 30_000
/** The lowest: mail that comes and goes is served first. */
const NICE = 19

export type FileText = { state: FileState; text: string; folded: string; indexed?: number; why?: string }

/**
 * The reading process, started when first needed. A file that takes too long or too much kills it, which is the file's
 * answer; the next file gets a new one.
 */
export class ReadingProcess implements AsyncDisposable {
  readonly #limits: { fileMs: number; memoryMb: number }
  #child: ChildProcess | undefined
  #read = 0
  #id = 0

  constructor(limits: { fileMs?: number; memoryMb?: number } = {}) {
    this.#limits = { fileMs: limits.fileMs ?? FILE_MS, memoryMb: limits.memoryMb ?? MEMORY_MB }
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** One at a time. @throws Error when the process cannot be started, or was ended from outside: the file may be tried again */
  async read(file: Omit<ToReader, 'id'>): Promise<FileText> {
    const child = await this.#ready()
    const id = ++this.#id
    let killed: FileState | undefined
    const kill = (state: FileState) => {
      killed ??= state
      child.kill('SIGKILL')
      // its answer may have been on the way already: the next file must not be given to who is dying
      if (this.#child === child) this.#child = undefined
    }
    const clock = setTimeout(() => kill('too-slow'), this.#limits.fileMs)
    const look = setInterval(() => {
      if (memoryMb(child.pid) > this.#limits.memoryMb) kill('too-much')
    }, LOOK_MS)
    try {
      return await new Promise<FileText>((resolve, reject) => {
        const onMessage = (m: FromReader) => {
          if ('ready' in m || m.id !== id) return
          const { id: _, ...answer } = m
          done(() => resolve(answer))
        }
        const onExit = (code: number | null, signal: string | null) => {
          if (this.#child === child) this.#child = undefined
          // out of its own heap, Node ends itself by SIGABRT
          const state = killed ?? (signal === 'SIGABRT' || code === 134 ? 'too-much' : undefined)
          if (state)
            log.warn({ state, octets: file.octets.length, name: file.name }, 'a file ended the process that read it')
          if (state) done(() => resolve({ state, text: '', folded: '', why: `killed: ${state}` }))
          else done(() => reject(new Error(`the reading process ended (${code ?? signal})`)))
        }
        const done = (then: () => void) => {
          child.off('message', onMessage)
          child.off('exit', onExit)
          then()
        }
        child.on('message', onMessage)
        child.on('exit', onExit)
        child.send({ ...file, id } satisfies ToReader, (err) => {
          if (err) log.debug({ err }, 'the file did not reach its reader') // its exit follows
        })
      })
    } finally {
      clearTimeout(clock)
      clearInterval(look)
      if (++this.#read % FILES_EACH === 0) await this.#stop()
    }
  }

  async #ready(): Promise<ChildProcess> {
    if (this.#child?.connected) return this.#child
    const root = dirname(dirname(import.meta.dirname))
    const flags = ['--permission', `--allow-fs-read=${root}/*`, `--max-old-space-size=${HEAP_MB}`, '--no-warnings']
    // the shell only sets the limit, which holds when nobody is left to count: a parent that was killed kills no more
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        `ulimit -t ${CPU_SECONDS}; exec "$0" "$@"`,
        process.execPath,
        ...flags,
        `${import.meta.dirname}/reader.ts`,
      ],
      {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        // no secrets of ours in its environment
        env: {},
      },
    )
    this.#child = child
    try {
      if (child.pid) setPriority(child.pid, NICE)
    } catch (err) {
      log.debug({ err }, 'the reading process keeps its priority')
    }
    await new Promise<void>((resolve, reject) => {
      const clock = setTimeout(() => child.kill('SIGKILL'), START_MS)
      child.once('message', () => {
        clearTimeout(clock)
        child.off('exit', onExit)
        resolve()
      })
      const onExit = () => {
        clearTimeout(clock)
        this.#child = undefined
        reject(new Error('the reading process did not start'))
      }
      child.once('exit', onExit)
      child.once('error', onExit)
    })
    return child
  }

  async #stop(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL') // it holds nothing that could be lost
    await ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop()
  }
}

/** Resident memory. 0 where there is no /proc: then the heap's limit is the only one. */
function memoryMb(pid: number | undefined): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / (1024 * 1024)
  } catch {
    return 0
  }
}
