import type { Said } from '../api/shapes'

export interface Person {
  id: string
  name: string
  title: string
}

export interface Member extends Person {
  username: string
  roles: string[]
  department: string
  unit: string | null
  reports_to: string | null
  superior: Person | null
  /** Beside Chinese. */
  languages: string[]
  disabled: boolean
  on_leave: boolean
}

export interface Unit {
  id: string
  name: Said
  department: string
  head: string | null
}

export interface DepartmentNode {
  code: string
  name: Said
  parent: string | null
  head: string | null
  /** In which it serves the public; `own_hours`: they are not the city's usual ones. */
  hours: Record<string, string[][]>
  own_hours: boolean
  units: Unit[]
}

export interface RegionNode {
  code: string
  name: Said
  parent: string | null
  head: string | null
  departments: DepartmentNode[]
}

export interface Organisation {
  regions: RegionNode[]
  people: Member[]
  may_edit: boolean
}

export interface RoleChange {
  id: string
  staff: Person
  role: string
  kind: 'grant' | 'remove'
  state: string
  emergency: boolean
  reason: string
  proposed_by: Person
  proposed_at: string
  decided_by: Person | null
  may_decide: boolean
}

export type DutyRole = 'owner' | 'backup' | 'supervisor' | 'other'

export interface Assigned {
  id: string
  item: string
  region: string
  role: DutyRole
  staff: Person
  valid_from: string | null
  valid_to: string | null
  state: 'present' | 'planned' | 'past'
}

export interface DutyItem {
  code: string
  name: Said
  department: string
  regions: string[]
}

export interface Gap {
  kind: string
  item: string
  region: string
  staff: Person | null
  count: number
}

export interface Duties {
  items: DutyItem[]
  duties: Assigned[]
  gaps: Gap[]
}

export interface Shift {
  id: string
  staff: string
  day: string
  kind: string
  starts: string
  ends: string
}

export interface RosterPerson extends Person {
  department: string
  hours: Record<string, [string, string][]>
}

export interface Week {
  monday: string
  working_days: string[]
  people: RosterPerson[]
  shifts: Shift[]
  leaves: { staff: string; from_day: string; from_half: string; to_day: string; to_half: string }[]
  may_edit: boolean
}

export interface Leave {
  id: string
  staff: Person
  kind: string
  state: string
  from_day: string
  from_half: 'am' | 'pm'
  to_day: string
  to_half: 'am' | 'pm'
  cover: Person | null
  cover_away: boolean
  note: string
  decided_by: Person | null
  decision_note: string
  handed_over: number
  actions: ('approve' | 'cancel' | 'end' | 'prolong')[]
}
