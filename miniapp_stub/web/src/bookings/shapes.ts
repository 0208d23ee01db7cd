import type { Said } from '../api/shapes'

export interface HallPlace {
  code: string
  name: Said
  address: Said
  phone: string
}

export interface HallBooking {
  id: string
  citizen_masked: string
  item: { code: string; name: Said }
  state: string
  state_text: Said
  checked_in_at: string | null
}

export interface HallSlot {
  window: string
  item: string | null
  starts_at: string
  ends_at: string
  seats: number
  taken: number
  closed: boolean
  close_reason: string
  over: boolean
  bookings: HallBooking[]
}

export interface HallDay {
  place: HallPlace
  day: string
  open: boolean
  slots: HallSlot[]
}

export interface CheckedIn {
  booking: HallBooking
  place: HallPlace
  starts_at: string
  ends_at: string
}
