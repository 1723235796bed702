import type { CallName, ProcessName } from '#kit/directory/calls.ts'
import type { Call, Context } from './call.ts'
import { table } from './table.ts'

/** Reads the input and runs the call: for the socket, and for the command line while the suite is stopped. @throws Refusal */
export async function runCall(context: Context, name: CallName, input: unknown, caller: ProcessName): Promise<unknown> {
  const call = table[name] as Call<CallName>
  return call.run(context, call.input(context)(input, '') as never, caller)
}
