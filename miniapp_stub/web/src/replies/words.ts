import { locale } from '../i18n'

/** The sentences of quick replies, quoting and the rules about words. */
const zh = {
  'title': '快捷回复', 'what': '快捷回复', 'new': '新建', 'find': '按标题、内容或拼音首字母查找', 'menu': '快捷回复', 'menu_key': '快捷回复（在空白处按 /）',
  'none': '没有符合的快捷回复', 'show.all': '全部', 'show.stale': '待核对', 'show.asked': '待复核', 'show.mine': '我的', 'show.withdrawn': '已停用',
  'scope.item': '事项', 'scope.department': '部门', 'scope.personal': '个人', 'scope': '适用范围', 'item': '事项', 'item_choose': '选择事项', 'uses': '已用 {n} 次',
  'stale': '待核对', 'stale_why': '所依据的指南已更新，请核对后再用', 'asked': '待复核', 'not_yet': '尚未生效', 'edit': '修改', 'history': '历史', 'confirm': '内容仍然正确',
  'approve': '同意', 'refuse': '不同意', 'end': '停用', 'save': '保存', 'name': '标题', 'zh': '内容（中文）', 'en': '内容（英文，可不填）', 'name_en': '标题（英文，可不填）',
  'at': '所依据的指南段落', 'at_none': '不依据指南', 'variables': '可用变量：{姓名} {受理编号} {事项} {办结日期}', 'says': '第 {n} 版原文', 'now': '现行指南', 'gone': '现行指南中没有这一段了，请修改并另选段落',
  'saved': '已保存', 'sent_review': '已提交，等待他人复核', 'review_note': '事项和部门的快捷回复由他人复核后生效。', 'own': '不能复核自己写的内容',
  'state.asked': '待复核', 'state.live': '使用中', 'state.refused': '未通过', 'state.former': '旧版', 'rev': '第 {n} 稿', 'version': '指南第 {n} 版',
  'blank.title': '请补充以下内容', 'blank.fill': '填入', 'blank.cancel': '不用了', 'raw': '还有未填写的变量，请补充后再发送',
  'doubt.stale': '这条快捷回复所依据的指南已更新，确认内容仍然正确吗？', 'doubt.kinds': '回复中有{kinds}，确认要发送吗？', 'doubt.hidden': '号码发送后只显示首尾几位。',
  'kind.id_number': '身份证号码', 'kind.bank_card': '银行卡号', 'kind.forbidden': '不宜使用的词语', 'kind.phone': '手机号码', 'kind.password': '密码', 'kind.abusive': '不文明用语',
  'cite': '引用指南', 'cite.title': '引用指南中的一段', 'cite.find': '查找段落', 'cite.of': '《{item}》第 {n} 版', 'cite.what': '指南段落', 'cite.none': '没有符合的段落', 'cite.send': '引用',
  'hidden': '已隐藏：{kinds}', 'unmask': '查看原文', 'unmask.title': '查看被隐藏的原文', 'hide': '隐藏',
  'words.title': '用语规范', 'words.what': '用语列表', 'words.word': '词语', 'words.use': '用于', 'words.strict': '不得发送', 'words.since': '生效', 'words.reason': '理由', 'words.ask': '提出',
  'words.act': '操作', 'words.put': '加入或修改', 'words.remove': '移除', 'words.waiting': '待复核', 'words.none': '没有待复核的修改', 'words.two': '一人提出，另一人复核后生效。',
  'use.citizens': '市民（显示时隐藏）', 'use.clerks': '工作人员（发送前提醒）', 'use.both': '双方', 'use.harmless': '正常用语（不提醒）', 'words.list': '现行列表', 'words.changes': '修改',
  'abuse.title': '不文明用语', 'abuse.what': '不文明用语', 'abuse.none': '近 30 天没有隐藏过不文明用语', 'abuse.row': '{times} 处，{messages} 条消息', 'abuse.total': '近 30 天共隐藏 {n} 处', 'abuse.open': '打开会话',
}
const en: Record<keyof typeof zh, string> = {
  'title': 'Quick replies', 'what': 'quick replies', 'new': 'New', 'find': 'Find by title or words', 'menu': 'Quick replies', 'menu_key': 'Quick replies (press / in an empty field)',
  'none': 'No quick reply fits', 'show.all': 'All', 'show.stale': 'To check', 'show.asked': 'To review', 'show.mine': 'Mine', 'show.withdrawn': 'Ended',
  'scope.item': 'Item', 'scope.department': 'Department', 'scope.personal': 'Personal', 'scope': 'For', 'item': 'Item', 'item_choose': 'Choose an item', 'uses': 'used {n} times',
  'stale': 'To check', 'stale_why': 'Its guide has changed; check it before use', 'asked': 'To review', 'not_yet': 'Not in force yet', 'edit': 'Change', 'history': 'History', 'confirm': 'Still right',
  'approve': 'Agree', 'refuse': 'Do not agree', 'end': 'End', 'save': 'Save', 'name': 'Title', 'zh': 'Words (Chinese)', 'en': 'Words (English, may be empty)', 'name_en': 'Title (English, may be empty)',
  'at': 'Paragraph of the guide it rests on', 'at_none': 'None', 'variables': 'Variables: {name} {case number} {item} {due date}', 'says': 'As of version {n}', 'now': 'The guide in force', 'gone': 'The guide in force has no such paragraph; change the reply and choose another',
  'saved': 'Saved', 'sent_review': 'Sent; somebody else reviews it', 'review_note': 'Replies of an item or department are in force once somebody else has agreed.', 'own': 'Somebody else has to review what you wrote',
  'state.asked': 'To review', 'state.live': 'In force', 'state.refused': 'Refused', 'state.former': 'Former', 'rev': 'Draft {n}', 'version': 'guide version {n}',
  'blank.title': 'Please fill in', 'blank.fill': 'Fill in', 'blank.cancel': 'Leave it', 'raw': 'A variable is not filled in yet',
  'doubt.stale': 'The guide behind this reply has changed. Is it still right?', 'doubt.kinds': 'The reply holds {kinds}. Send it?', 'doubt.hidden': 'Numbers are shown with their first and last digits only.',
  'kind.id_number': 'an ID number', 'kind.bank_card': 'a bank card number', 'kind.forbidden': 'a word one should not use', 'kind.phone': 'a phone number', 'kind.password': 'a password', 'kind.abusive': 'abusive words',
  'cite': 'Quote the guide', 'cite.title': 'Quote a paragraph of the guide', 'cite.find': 'Find a paragraph', 'cite.of': '{item}, version {n}', 'cite.what': 'paragraphs', 'cite.none': 'No paragraph fits', 'cite.send': 'Quote',
  'hidden': 'Hidden: {kinds}', 'unmask': 'Show original', 'unmask.title': 'Show what was hidden', 'hide': 'Hide',
  'words.title': 'Wording', 'words.what': 'list of words', 'words.word': 'Word', 'words.use': 'Used for', 'words.strict': 'Never sent', 'words.since': 'Since', 'words.reason': 'Reason', 'words.ask': 'Propose',
  'words.act': 'Change', 'words.put': 'Add or change', 'words.remove': 'Remove', 'words.waiting': 'To review', 'words.none': 'Nothing waits for review', 'words.two': 'One person proposes, another one decides.',
  'use.citizens': 'Citizens (hidden)', 'use.clerks': 'Staff (asked before sending)', 'use.both': 'Both', 'use.harmless': 'Harmless (not asked about)', 'words.list': 'List in force', 'words.changes': 'Changes',
  'abuse.title': 'Abusive words', 'abuse.what': 'abusive words', 'abuse.none': 'No abusive words were hidden in the last 30 days', 'abuse.row': '{times} times in {messages} messages', 'abuse.total': '{n} hidden in the last 30 days', 'abuse.open': 'Open the conversation',
}

export type Word = keyof typeof zh

export function w(key: Word, values: Record<string, string | number> = {}): string {
  return Object.entries(values).reduce((words, [name, value]) => words.replace(`{${name}}`, String(value)), (locale.value === 'en' ? en : zh)[key])
}

/** Kinds of what was found in a text, as a sentence names them. */
export const kindsOf = (kinds: string[]): string =>
  kinds.map((kind) => w(`kind.${kind}` as Word) ?? kind).join(locale.value === 'en' ? ', ' : '、')

/** A variable of a reply that nobody has filled in, in either language. */
export const RAW = /\{\s*(?:姓名|受理编号|事项|办结日期|name|case number|item|due date)\s*\}/
