/** What the server sends, as far as the console reads it. */

export interface Said {
  zh: string
  en: string | null
}

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export interface Named {
  code: string
  name: Said | null
}

export interface FieldFault {
  field: string
  code: string
  detail: string
}

export interface Staff {
  id: string
  username: string
  name: string
  roles: string[]
  department: Named
  title: string | null
  duties?: Duty[]
}

export interface Duty {
  item: string
  item_name: Said | null
  region: string
  role: string
}

export interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
}

export type MustFirst = 'password_change' | 'second_factor'

/** What signing in as staff answers: `must_first` is all the tokens are good for until it is done. */
export interface SignedIn extends Tokens {
  staff: Staff
  must_first: MustFirst | null
  ended: { device_kind: string; device_name: string; signed_in_at: string }[]
  told: Said[]
}

export interface PasswordPolicy {
  min_length: number
  max_length: number
  classes: number
  passphrase_length: number
  history: number
  days: number
}

export interface Ways {
  workplaces: { kind: string; name: Said }[]
  password: PasswordPolicy
}

export interface Binding {
  kind: string
  subject: string
  vouched: boolean
  bound_at: string
}

export interface AccountRow extends Staff {
  disabled_at: string | null
  second_factor: boolean
}

export interface AccountSession {
  id: string
  signed_in_at: string
  ends_at: string
  way: string
  second_factor: string
  device_kind: string
  device_name: string
  held_back: string
}

export interface Account extends AccountRow {
  created_at: string
  password_set_at: string | null
  must_change: boolean
  recovery_codes_left: number
  recovery_code_used_at: string | null
  sessions: AccountSession[]
  workplaces: Binding[]
}

export interface DemoAccount {
  name?: string
  username: string
  password: string
  totp_secret: string | null
  role: string
  department: string
  duties: string[]
}

export type Light = 'green' | 'yellow' | 'red'

export interface InboxRow {
  kind: string
  id: string
  case_number: string | null
  item: Named
  citizen_masked: string
  state: string
  state_text: Said
  submitted_at: string | null
  due_at: string | null
  light: Light | null
  working_days_left: number | null
  why: Said
}

export interface Upload {
  id: string
  thumbnail_url: string
  url: string
  width: number
  height: number
  quality: { usable: boolean; problems: string[] } | null
}

export interface CaseMaterial {
  code: string
  name: Said
  necessity: string
  state: 'empty' | 'attached' | 'rejected' | 'accepted' | 'pre_satisfied'
  reason: Said | null
  rejection: { reason: string } | null
  uploads: Upload[]
}

export interface ReviewPoint {
  index: number
  text: Said
  result: 'pass' | 'fail' | 'na' | null
}

export interface OfferedAction {
  action: string
  title: Said
  needs: string[]
}

export interface TimelineStep {
  at: string
  from: string | null
  to: string
  text: Said
  by: Said | null
  note: string | null
}

export interface CaseClock {
  started_at: string | null
  promised_due: string | null
  statutory_due: string | null
  working_days_left: number | null
  light: Light | null
}

export interface Correction {
  id: string
  at: string
  deadline: string | null
  items: { material: string | null; field: string | null; reason: string; replaced: boolean }[]
  answered_at: string | null
}

export interface DeskCase {
  id: string
  item: { code: string; name: Said; version: number; department?: Named }
  region: string
  state: string
  state_text: Said
  case_number: string | null
  version: number
  materials: CaseMaterial[]
  timeline: TimelineStep[]
  clock: CaseClock | null
  expected_date: string | null
  corrections: Correction[]
  submitted_at: string | null
  shown_answers: { question: Said; answer: Said }[]
  shown_form: { code: string; label: Said; value: string; masked: boolean }[]
  check_due: string | null
  decision: { outcome: string; reason: string; legal_basis: string; remedies: Said; decided_at: string } | null
  citizen: { id: string; name_masked: string | null; phone_masked: string | null; assurance: string }
  review_points: ReviewPoint[]
  actions: OfferedAction[]
  holder: { department: Said; name: string | null } | null
  certificate: { id: string; number: string; url: string; verify_url: string } | null
}

export interface GuideField {
  code: string
  label?: Said
  text?: Said
  type?: string
  options?: { value: string; text: Said }[]
}

export interface Limit {
  days: number
  unit: string
}

export interface Guide {
  code: string
  name: Said
  department: Named & { phone?: string | null }
  conditions: (string | Said)[]
  materials: { code: string; name: Said; necessity: string; note: string | Said | null }[]
  questions: GuideField[]
  form: GuideField[]
  steps: { name: Said; who: Said | string | null; working_days: number | null }[]
  statutory_limit: Limit | null
  promised_limit: Limit | null
  fee: { charged: boolean; amount_fen: number | null; basis: string | Said | null } | null
  visits: number | null
  legal_basis: { law: Said | string; article: Said | string | null; text: Said | string | null }[]
  faq: { q: string | Said; a: string | Said }[]
}

export interface ItemSummary {
  code: string
  name: Said
  department: Named
}

export interface Department extends Named {
  phone: string | null
  item_count: number
}

export type ConversationState = 'queued' | 'offered' | 'assigned' | 'inquiry' | 'closed'

export interface Conversation {
  id: string
  state: ConversationState
  subject: { item: Named | null; department: Named | null; application: string | { id: string } | null }
  citizen: { id: string; name_masked: string | null }
  clerk: { id: string; name: string; title: string | null } | null
  reason: { code: string; text: Said } | null
  queue_position: number | null
  wait_estimate_s: number | null
  due_at: string | null
  inquiry?: { owner: { id: string; name: string } | null; due_at: string; light: 'green' | 'yellow' | 'red'; overdue: boolean } | null
  last_seq: number
  last_message: { kind: string; preview: string; at: string; recalled?: boolean } | null
  read: { citizen: number; clerk: number }
  delivered?: { citizen: number; clerk: number }
  unread: number
  created_at: string
  closed_at: string | null
}

/** Whom a conversation may be handed to. */
export interface Colleague {
  id: string
  name: string
  title: string
  department: Named
  role: 'owner' | 'backup' | 'other' | 'department' | 'supervisor'
  status: 'online' | 'busy' | 'away' | 'gone'
  load: number
  capacity: number
  available: boolean
  declined: boolean
}

export interface Message {
  conversation: string
  seq: number
  id: string
  client_id: string | null
  sender: { role: 'citizen' | 'clerk' | 'system'; id: string | null; name: string | null }
  kind: 'text' | 'image' | 'card' | 'note' | 'system' | 'edit' | 'recall'
  body: MessageBody
  at: string
  edited?: boolean
  recalled?: boolean
  /** What an own message said before it was recalled, as long as this page is open. */
  was?: string
}

export interface MessageBody {
  /** A note of a supervisor who looks on. */
  whisper?: boolean
  of?: number
  text?: string | Said
  upload?: string
  url?: string
  thumbnail_url?: string
  width?: number
  height?: number
  card?: string
  ref?: string
  at?: string
  title?: string | Said
  state?: string | null
  state_text?: Said | null
  amount_fen?: number | null
  due_on?: string | null
  number?: string | null
  paragraph?: Said | null
  at_time?: string | null
  place?: Said | null
  parts?: { kind: 'material' | 'field'; code: string; name: Said; reason: string; replaced: boolean }[]
  done?: boolean
  event?: string
}

export interface Run {
  id: string
  channel: string
  day: string
  state: 'balanced' | 'provisional' | 'differences' | 'failed' | 'running'
  attempt: number
  started_at: string
  finished_at: string | null
  bill_sha1: string | null
  /** `agrees`, `differs`, or why the fund flow could not be laid beside the two others. */
  fund: string | null
  /** Of all that was found: the same bill and books give the same. */
  digest: string | null
  rows: number
  matched: number
  /** Empty when there was no bill to compare: a day without trade, or a run that failed. */
  totals: { orders_count?: number; orders_fen?: number; bill_count?: number; bill_fen?: number; fees?: number }
  differences_count: number
  failure: string | null
}

export interface Difference {
  id: string
  class: string
  class_text: Said
  out_trade_no: string | null
  transaction_id: string | null
  ours_fen: number | null
  theirs_fen: number | null
  /** What the channel's account really moved, where the fund flow was compared. */
  fund_fen: number | null
  ours: string
  theirs: string
  age_days: number
  expected_by: string | null
  suggestion: Said
  state: 'open' | 'healed' | 'explained' | 'resolved'
}

export interface RunDetail extends Run {
  differences: Difference[]
}

/** Somebody says that what is kept of them is wrong. */
export interface CorrectionRow {
  id: string
  field: string
  citizen_masked: string
  state: string
  asked_at: string
  due_on: string
  overdue: boolean
}

export interface CorrectionOnDesk extends CorrectionRow {
  wanted: string
  why: string
  present: string
  reason: string
  papers: { url: string; thumbnail_url: string }[]
}
