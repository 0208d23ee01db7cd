import { BASE, Refusal } from '../api/http'
import { call, session } from '../api/session'

/** Makes the record of a conversation as it stands now and hands the PDF over as a download. */
export async function saveTranscript(conversation: string, notes: boolean): Promise<void> {
  const made = await call<{ pdf_url: string; code: string }>('POST', `/consultations/${conversation}/transcripts`, { body: { notes } })
  const headers = { Authorization: `Bearer ${session.kept?.access ?? ''}` }
  const answer = await fetch(`${BASE}${made.pdf_url.slice(BASE.length)}`, { headers, cache: 'no-store' })
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = `consultation-${made.code}.pdf`
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
