import type { Address } from '#kit/directory/calls.ts'
import { ProjectionReader } from '#workflow/projection/reader.ts'

/** The projections of this machine, each opened once and kept. */
export type Registers = Disposable & { of: (register: Address) => ProjectionReader }

export function openRegisters(folder: string): Registers {
  const open = new Map<Address, ProjectionReader>()
  return {
    of: (register) => {
      const known = open.get(register)
      if (known) return known
      const reader = new ProjectionReader(folder, register)
      open.set(register, reader)
      return reader
    },
    [Symbol.dispose]: () => {
      for (const reader of open.values()) reader[Symbol.dispose]()
      open.clear()
    },
  }
}
