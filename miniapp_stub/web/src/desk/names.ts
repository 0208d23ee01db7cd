import { call } from '../api/session'
import type { CaseMaterial } from '../api/shapes'
import { named } from '../i18n'

export const CLAIM_STATES = ['waiting', 'accepted', 'refused'] as const
export type ClaimState = (typeof CLAIM_STATES)[number]

export interface ClaimRow {
  id: string
  document: string
  name_masked: string
  number_masked: string
  region: string
  photos: number
  state: ClaimState
  since: string
}

/** Name and number are there as long as it waits. */
export interface ClaimDetail extends ClaimRow {
  name: string | null
  id_number: string | null
  papers: { id: string; url: string; thumbnail_url: string; width: number; height: number }[]
  reason: string
  decided_at: string | null
}

/** This page's sentences, by what they are about. */
export const word = (code: string): string => named('names', code)

export const claims = async (state: ClaimState): Promise<ClaimRow[]> =>
  (await call<{ items: ClaimRow[] }>('GET', '/desk/name-claims', { query: { state, limit: 100 } })).items
export const claim = (id: string): Promise<ClaimDetail> => call('GET', `/desk/name-claims/${id}`)
export const decide = (id: string, body: { accept: boolean; reason: string }): Promise<ClaimDetail> =>
  call('POST', `/desk/name-claims/${id}/decision`, { body })

/** The photographs as the viewer takes them. */
export const asMaterial = (of: ClaimDetail): CaseMaterial =>
  ({
    code: 'document', name: named('names', of.document), necessity: 'required', state: 'attached', reason: null, rejection: null,
    uploads: of.papers.map((photo) => ({ ...photo, quality: { usable: true, problems: [] } })),
  }) as unknown as CaseMaterial
