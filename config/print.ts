import { type SettingName, type SettingSource, type Settings, settingsTable } from '#config/settings.ts'

const sourceNames: Record<SettingSource, string> = {
  default: 'mặc định',
  environment: 'biến môi trường',
  option: 'dòng lệnh',
  file: 'tệp cấu hình',
}

/** `congso config`: each setting with its value, source and help; values of secrets are never printed. */
export function printSettings(
  given: { settings: Settings; sources: Record<SettingName, SettingSource> },
  { json }: { json?: boolean },
): void {
  const rows = (Object.keys(settingsTable) as SettingName[]).map((name) => {
    const setting = settingsTable[name]
    const secret = 'secret' in setting && setting.secret
    return {
      name,
      variable: setting.env,
      value: secret ? '(bí mật)' : given.settings[name],
      source: given.sources[name],
      help: setting.help,
    }
  })
  if (json) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  for (const row of rows) {
    console.log(
      `${row.name} = ${row.value === '' ? '(trống)' : row.value}   [${row.variable}; ${sourceNames[row.source]}]`,
    )
    console.log(`    ${row.help}`)
  }
}
