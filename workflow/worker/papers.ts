/** The thread in which papers are drawn: the first page takes a quarter of a second, and fonts some 80 MB while they are open. */
import { parentPort } from 'node:worker_threads'
import type { Letter } from '#kit/act/act.ts'
import { type ReceiptData, receiptPdf } from '#kit/pdf/receipt.ts'
import { type RejectionData, rejectionPdf } from '#kit/pdf/rejection.ts'

export type Printed = NonNullable<Letter['print']>[number]
export type Order = { id: number; printed: Pick<Printed, 'document' | 'data'>; lookupUrl: string }
export type Drawn = { id: number; content: Uint8Array<ArrayBuffer> } | { id: number; failed: string }

function draw({ printed: { document, data }, lookupUrl }: Order): Promise<Buffer> {
  switch (document) {
    case 'receipt':
      return receiptPdf({ ...(data as Omit<ReceiptData, 'lookupUrl'>), lookupUrl })
    case 'rejection':
      return rejectionPdf(data as RejectionData)
  }
}

parentPort?.on('message', async (order: Order) => {
  try {
    const content = Uint8Array.from(await draw(order)) // of its own memory, so that it can be handed over
    parentPort?.postMessage({ id: order.id, content } satisfies Drawn, [content.buffer])
  } catch (err) {
    const failed = err instanceof Error ? (err.stack ?? err.message) : String(err)
    parentPort?.postMessage({ id: order.id, failed } satisfies Drawn)
  }
})
