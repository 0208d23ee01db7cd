import { locale } from '../i18n'

/** The sentences of looking on, whispering and taking over. */
const zh = {
  'held': '同事', 'held_none': '现在没有同事在接待', 'by_supervisor': '主管 {names} 正在查看', 'by': '{names} 正在查看', 'and': '、',
  'looking': '此会话由 {name} 接待，您正在查看（只读，市民看不到）', 'looking_nobody': '您正在查看（只读，市民看不到）', 'whisper': '主管提示（市民看不到）', 'whisper_go': '提示坐席', 'whisper_end': '收起提示',
  'whisper_label': '给 {name} 的提示（市民看不到）', 'whisper_hint': '只有工作人员看得到', 'whisper_send': '发送提示',
  'take': '接手', 'take_title': '接手与 {name} 的会话', 'take_words': '接手后由您接待：{clerk} 不能再回复，市民会看到换了人。', 'take_words_nobody': '接手后由您接待，市民会看到。',
  'reason': '接手原因', 'need_reason': '请写明接手原因', 'taken': '已接手，现在由您接待', 'taken_from_you': '{name} 已接手这个会话，您的草稿还在',
  'why': '由您接手',
}
const en: Record<keyof typeof zh, string> = {
  'held': 'Others', 'held_none': 'No colleague is serving anybody now', 'by_supervisor': 'Supervisor {names} is looking on', 'by': '{names} is looking on', 'and': ', ',
  'looking': '{name} has this conversation; you are looking on (read only, unseen by the citizen)', 'looking_nobody': 'You are looking on (read only, unseen by the citizen)', 'whisper': 'Supervisor’s hint (hidden from the citizen)', 'whisper_go': 'Hint to clerk', 'whisper_end': 'Close hint',
  'whisper_label': 'Hint to {name} (hidden from the citizen)', 'whisper_hint': 'Only staff see this', 'whisper_send': 'Send hint',
  'take': 'Take over', 'take_title': 'Take over the conversation with {name}', 'take_words': 'It will be yours: {clerk} can no longer reply, and the citizen sees the change.', 'take_words_nobody': 'It will be yours, and the citizen sees it.',
  'reason': 'Reason', 'need_reason': 'Please give the reason', 'taken': 'Taken over; it is yours now', 'taken_from_you': '{name} took this conversation over; your draft is kept',
  'why': 'You took it over',
}

/** Words of looking on, in the chosen language. */
export function w(key: keyof typeof zh, values: Record<string, string> = {}): string {
  return (locale.value === 'en' ? en : zh)[key].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}
