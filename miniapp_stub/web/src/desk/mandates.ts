import { call } from '../api/session'
import type { CaseMaterial, Said } from '../api/shapes'
import { named } from '../i18n'

export interface MandateRow {
  id: string
  kind: string
  kind_text: Said
  relation_text: Said
  state: string
  principal_masked: string
  agent_masked: string
  region: string
  asked_at: string
  version: number
}

export interface MandateDetail extends MandateRow {
  claimed_name: string
  claimed_number_masked: string
  doings: string[]
  items: { code: string; name: Said | null }[] | null
  valid_from: string
  valid_to: string | null
  flags: string[]
  checks: { text: Said; known: 'fits' | 'differs' | 'unknown' }[]
  evidence: { id: string; url: string; thumbnail_url: string; width: number; height: number }[]
  changes: { at: string; from: string | null; to: string; by: string; note: string }[]
  actions: ('approve' | 'refuse' | 'revoke')[]
}

/** This page's sentences, by what they are about. */
export const word = (code: string): string => named('mandate', code)

export const mandates = async (state: string): Promise<MandateRow[]> =>
  (await call<{ items: MandateRow[] }>('GET', '/desk/mandates', { query: { state, limit: 100 } })).items
export const mandate = (id: string): Promise<MandateDetail> => call('GET', `/desk/mandates/${id}`)
export const judge = (of: MandateDetail, action: string, body: object): Promise<MandateDetail> =>
  call('POST', `/desk/mandates/${of.id}/${action}`, { body: { version: of.version, ...body } })

/** The evidence as the viewer of photographs takes it. */
export const asMaterial = (of: MandateDetail): CaseMaterial =>
  ({
    code: 'evidence', name: word('evidence'), necessity: 'required', state: 'attached', reason: null, rejection: null,
    uploads: of.evidence.map((photo) => ({ ...photo, quality: { usable: true, problems: [] } })),
  }) as unknown as CaseMaterial
