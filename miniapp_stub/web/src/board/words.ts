import { locale } from '../i18n'

/** The sentences of the board. */
const zh = {
  'title': '监控', 'what': '监控数据', 'department': '部门', 'departments_all': '全部部门', 'item': '事项', 'items_all': '全部事项',
  'updated': '更新于 {time}', 'pause': '暂停刷新', 'go_on': '继续刷新', 'paused': '已暂停刷新', 'stale': '刷新失败，显示的是之前的数据', 'csv': '导出表格', 'csv_failed': '没有导出成功，请重试', 'csv_done': '已导出，已记入审计日志',
  'wall': '大屏', 'wall_end': '退出大屏', 'now': '现在', 'today': '今天', 'nothing': '今天还没有咨询',
  'waiting': '排队', 'longest': '最长等待', 'in_hand': '接待中', 'inquiries': '待答复留言', 'overdue': '其中逾期 {n}', 'at_desks': '在岗', 'busy_too': '另有忙碌 {n}', 'red': '红灯办件', 'bad': '差评待整改', 'nobody_waits': '无人等待',
  'opened': '咨询量', 'at_once': '30 秒接入率', 'first_answer': '首次答复（中位数）', 'abandoned': '放弃', 'satisfied': '满意率',
  'more': '↑ 高于昨日同期 {was}', 'less': '↓ 低于昨日同期 {was}', 'same': '→ 与昨日同期持平', 'no_before': '昨日同期无数据', 'few': '评价少于 {n} 条，不显示', 'no_data': '无数据',
  'hours': '每小时咨询', 'taken': '已接入', 'hour': '时段', 'hours_say': '今天共 {opened} 次咨询，已接入 {taken} 次；最多的是 {peak} 时，{most} 次。', 'hours_none': '今天还没有咨询。',
  'answers': '首次答复用时', 'step': '用时', 'count': '次数', 'answers_say': '{total} 次已答复，其中 {quick} 次在 30 秒以内，{late} 次超过 10 分钟。', 'answers_none': '今天还没有答复。',
  'within_30': '<30 秒', 'within_60': '<1 分', 'within_180': '<3 分', 'within_600': '<10 分', 'later': '更久',
  'lights': '在办件时限', 'green': '绿灯（正常）', 'yellow': '黄灯（临近）', 'red_light': '红灯（逾期）', 'light': '时限', 'cases': '办件数', 'lights_say': '绿灯 {green} 件，黄灯 {yellow} 件，红灯 {red} 件。',
  'table': '看表格', 'chart': '看图', 'items': '事项', 'no_item': '一般咨询', 'waited': '等待（中位数）', 'items_none': '今天没有事项被咨询', 'clerks': '坐席', 'clerk': '姓名', 'status': '状态', 'held': '接待/上限', 'taken_today': '今日接入', 'rating': '满意率（近 30 天）', 'hidden': '不显示', 'clerks_none': '没有坐席',
  'red_list': '红灯办件', 'number': '受理编号', 'holder': '经办人', 'over': '逾期', 'days_over': '{n} 天', 'red_none': '没有逾期的办件', 'nobody': '无人经办', 'gone': '不在岗', 'see': '查看',
  'seconds': '{n} 秒', 'minutes': '{m} 分 {s} 秒', 'hours_minutes': '{h} 小时 {m} 分', 'inquiry_short': '留言',
}
const en: Record<keyof typeof zh, string> = {
  'title': 'Board', 'what': 'board', 'department': 'Department', 'departments_all': 'All departments', 'item': 'Item', 'items_all': 'All items',
  'updated': 'Updated {time}', 'pause': 'Pause', 'go_on': 'Go on', 'paused': 'Paused', 'stale': 'Not refreshed; these figures are older', 'csv': 'Export', 'csv_failed': 'The export failed, please try again', 'csv_done': 'Exported; this is in the audit log',
  'wall': 'Wall', 'wall_end': 'Leave wall', 'now': 'Now', 'today': 'Today', 'nothing': 'No consultation today yet',
  'waiting': 'Waiting', 'longest': 'Longest wait', 'in_hand': 'In hand', 'inquiries': 'Inquiries open', 'overdue': '{n} overdue', 'at_desks': 'At desks', 'busy_too': '{n} more busy', 'red': 'Cases overdue', 'bad': 'Bad ratings open', 'nobody_waits': 'Nobody waits',
  'opened': 'Consultations', 'at_once': 'Taken within 30 s', 'first_answer': 'First answer (median)', 'abandoned': 'Abandoned', 'satisfied': 'Satisfied',
  'more': '↑ above {was} yesterday at this time', 'less': '↓ below {was} yesterday at this time', 'same': '→ as yesterday at this time', 'no_before': 'Nothing to compare yesterday', 'few': 'Fewer than {n} ratings, not shown', 'no_data': 'No data',
  'hours': 'Consultations per hour', 'taken': 'Taken', 'hour': 'Hour', 'hours_say': '{opened} consultations today, {taken} taken; the busiest hour is {peak}:00 with {most}.', 'hours_none': 'No consultation today yet.',
  'answers': 'Time to first answer', 'step': 'Time', 'count': 'Count', 'answers_say': '{total} answered, {quick} of them within 30 seconds, {late} after more than 10 minutes.', 'answers_none': 'No answer today yet.',
  'within_30': '<30 s', 'within_60': '<1 min', 'within_180': '<3 min', 'within_600': '<10 min', 'later': 'longer',
  'lights': 'Cases by their clock', 'green': 'Green', 'yellow': 'Yellow (soon)', 'red_light': 'Red (late)', 'light': 'Clock', 'cases': 'Cases', 'lights_say': '{green} green, {yellow} yellow, {red} red.',
  'table': 'Show table', 'chart': 'Show chart', 'items': 'Items', 'no_item': 'General', 'waited': 'Wait (median)', 'items_none': 'Nothing was asked about today', 'clerks': 'Clerks', 'clerk': 'Name', 'status': 'Status', 'held': 'Held / most', 'taken_today': 'Taken today', 'rating': 'Satisfied (30 days)', 'hidden': 'Not shown', 'clerks_none': 'No clerks',
  'red_list': 'Overdue cases', 'number': 'Case', 'holder': 'Holder', 'over': 'Overdue', 'days_over': '{n} days', 'red_none': 'No case is overdue', 'nobody': 'Nobody', 'gone': 'Gone', 'see': 'Open',
  'seconds': '{n} s', 'minutes': '{m} min {s} s', 'hours_minutes': '{h} h {m} min', 'inquiry_short': 'Inquiries',
}

export type Word = keyof typeof zh

/** Words of the board, in the chosen language. */
export function w(key: Word, values: Record<string, string | number> = {}): string {
  return (locale.value === 'en' ? en : zh)[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
