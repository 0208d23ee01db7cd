import { call } from '../api/session'
import type { CaseMaterial, Said } from '../api/shapes'

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

const say = (zh: string, en: string): Said => ({ zh, en })

/** Sentences of this page alone; the words every page shares stand in i18n. */
export const W = {
  title: say('代办审核', 'Mandates'),
  what: say('代办申请', 'mandates'),
  back: say('返回列表', 'Back to the list'),
  none: say('没有待审核的代办申请', 'No mandate waits to be examined'),
  states: say('按状态筛选', 'By state'),
  examining: say('待审核', 'To examine'),
  active: say('生效中', 'In force'),
  refused: say('已驳回', 'Refused'),
  revoked: say('已撤销', 'Revoked'),
  resigned: say('已放弃', 'Given up'),
  expired: say('已到期', 'Ended'),
  asked: say('待对方确认', 'Waiting for the other side'),
  agent: say('代办人', 'Acts'),
  principal: say('被代办人', 'Represented'),
  number: say('证件号或代码', 'ID number or code'),
  scope: say('代办范围', 'Scope'),
  all_items: say('全部事项', 'all services'),
  until: say('截止日期', 'Until'),
  forever: say('长期', 'until revoked'),
  checklist: say('核对清单', 'Check-list'),
  fits: say('系统比对一致', 'Fits what we know'),
  differs: say('系统比对不一致', 'Differs from what we know'),
  unknown: say('请对照材料核对', 'Compare with the papers'),
  evidence: say('证明材料', 'Papers'),
  no_evidence: say('没有上传材料', 'No papers were handed in'),
  history: say('经过', 'History'),
  reason: say('审核意见（双方可见）', 'Reason (both sides read it)'),
  reason_missing: say('请写明审核意见', 'State the reason'),
  unchecked: say('请逐项核对清单', 'Tick every point of the check-list'),
  approve: say('通过', 'Approve'),
  refuse: say('驳回', 'Refuse'),
  revoke: say('撤销代办', 'Revoke'),
  changed: say('已被他人处理，请查看最新状态', 'Somebody was quicker; this is how it stands now'),
  done: say('已完成', 'Done'),
  check_symbol: say('代码校验位不符，请对照营业执照', 'The check symbol of the code does not fit; compare the licence'),
  contested: say('原法定代表人提出异议', 'The former representative contests it'),
  code_confirmed: say('我已对照营业执照确认代码无误', 'I compared the code with the licence'),
  read: say('查看', 'see'),
  file: say('申办', 'file'),
  pay: say('缴费', 'pay'),
  consult: say('咨询', 'consult'),
} as const

export const wordOf = (code: string): Said | string => (W as Record<string, Said>)[code] ?? code

export const mandates = async (state: string): Promise<MandateRow[]> =>
  (await call<{ items: MandateRow[] }>('GET', '/desk/mandates', { query: { state, limit: 100 } })).items
export const mandate = (id: string): Promise<MandateDetail> => call('GET', `/desk/mandates/${id}`)
export const judge = (of: MandateDetail, action: string, body: object): Promise<MandateDetail> =>
  call('POST', `/desk/mandates/${of.id}/${action}`, { body: { version: of.version, ...body } })

/** The evidence as the viewer of photographs takes it. */
export const asMaterial = (of: MandateDetail): CaseMaterial =>
  ({
    code: 'evidence', name: W.evidence, necessity: 'required', state: 'attached', reason: null, rejection: null,
    uploads: of.evidence.map((photo) => ({ ...photo, quality: { usable: true, problems: [] } })),
  }) as unknown as CaseMaterial
