// Sentences of bookings; apart, so that the first view does not carry them.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  book: ["预约窗口", "Book a window"],
  mine: ["我的预约", "My bookings"],
  mine_note: ["窗口预约、改期、预约码", "Booked windows, changes, codes"],
  signin: ["登录后查看您的预约", "Sign in to see your bookings"],
  none: ["还没有预约", "No bookings yet"],
  find: ["去找事项", "Find a service"],
  none_here: ["这里没有预约", "Nothing here"],
  ahead: ["待办理", "Ahead"],
  over: ["已结束", "Past"],
  place: ["1. 选择地点", "1. Choose the place"],
  day: ["2. 选择日期", "2. Choose the day"],
  time: ["3. 选择时段", "3. Choose the time"],
  left: ["余 {n}", "{n} left"],
  full: ["约满", "Full"],
  not_bookable: ["该事项暂无可预约的窗口，可直接到现场取号", "No window can be booked for this item; come and take a number"],
  where: ["看办理地点", "See the places"],
  all_full: ["该地点近期已约满，可换个地点，或稍后再看", "Everything is booked here for now; try another place, or look again later"],
  day_full: ["这一天已约满", "This day is full"],
  choose: ["请选择时段", "Choose a time"],
  confirm: ["确认预约 {when}", "Book {when}"],
  move_to: ["改到 {when}", "Move to {when}"],
  moving: ["正在改期，原预约：{when}", "You are moving the booking of {when}"],
  done: ["预约成功", "Booked"],
  done_note: ["请提前 10 分钟到场，向工作人员出示预约码", "Come ten minutes early and show this code"],
  detail: ["预约详情", "Booking"],
  code: ["预约码", "Booking code"],
  code_shown: ["预约码 {code} 的二维码", "QR code of booking {code}"],
  at: ["办理时间", "Time"],
  where_to: ["办理地点", "Place"],
  address: ["地址", "Address"],
  phone: ["电话", "Telephone"],
  item: ["事项", "Service"],
  progress: ["预约记录", "History"],
  to_time: ["{text}：{when}", "{text}: {when}"],
  move: ["改期", "Change the time"],
  cancel: ["取消预约", "Cancel the booking"],
  cancel_sure: ["取消后名额会让给其他人。确定取消吗？", "The seat goes to somebody else. Cancel it?"],
  keep: ["不取消", "Keep it"],
  cancelled: ["预约已取消", "The booking is cancelled"],
  moved: ["已改期", "The booking is moved"],
  again: ["重新预约", "Book again"],
  have_one: ["该事项您已有预约", "You have a booking for this item"],
  see_it: ["查看已有预约", "See that booking"],
  guide: ["看办事指南", "See the guide"],
};
const DAYS: [string, string][] = [["周日", "Sun"], ["周一", "Mon"], ["周二", "Tue"], ["周三", "Wed"], ["周四", "Thu"], ["周五", "Fri"], ["周六", "Sat"]];

/** A sentence by its key; `{name}` is replaced by `values.name`. */
export function b(key: string, values: Record<string, string | number> = {}): string {
  const [zh, en] = WORDS[key] ?? [key, key];
  return (look.locale === "en" ? en : zh).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The weekday of a day like 2026-11-25. */
export const weekday = (value: string): string => (DAYS[new Date(value).getUTCDay()] ?? ["", ""])[look.locale === "en" ? 1 : 0];
