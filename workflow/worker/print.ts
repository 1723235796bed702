/** Documents that a letter carries, drawn from the event's data. */
import type { Letter } from '#kit/act/act.ts'
import type { Attachment } from '#kit/message/write.ts'
import { type ReceiptData, receiptPdf } from '#kit/pdf/receipt.ts'
import { type RejectionData, rejectionPdf } from '#kit/pdf/rejection.ts'

type Printed = NonNullable<Letter['print']>[number]

export async function printDocument(printed: Printed, lookupUrl: string): Promise<Attachment> {
  return { name: printed.name, type: 'application/pdf', content: await draw(printed, lookupUrl) }
}

function draw({ document, data }: Printed, lookupUrl: string): Promise<Buffer> {
  switch (document) {
    case 'receipt':
      return receiptPdf({ ...(data as Omit<ReceiptData, 'lookupUrl'>), lookupUrl })
    case 'rejection':
      return rejectionPdf(data as RejectionData)
  }
}
