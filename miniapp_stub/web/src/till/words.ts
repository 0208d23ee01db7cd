import { locale } from '../i18n'

/** The sentences of windows where money is taken. */
const zh = {
  title: '窗口收款', shift: '班次', back: '全部班次', words: '开班、收款、点钞交班；支票到账前不算缴清，由财务登记银行结果。', none: '还没有班次',
  open: '开班', window: '窗口', float: '备用金（元）', opened: '开班时间', cashier: '收款人', state: '状态', drawer: '应有现金', counted: '实点现金', difference: '差额', note: '差额说明',
  'state.open': '收款中', 'state.counted': '已点钞，待复核', 'state.confirmed': '已复核', 'state.all': '全部',
  take: '收款', code: '缴款码', find: '查缴款书', add: '再加一张', remove: '移除', due: '应收', payer: '缴款人', empty: '输入缴款码，查到后核对缴款人和金额', not_found: '没有这个缴款码', not_payable: '这张缴款书现在不能收款', twice: '这张已在清单里',
  means: '收款方式', cash: '现金', pos: '刷卡', cheque: '支票', tendered: '实收现金（元）', change: '找零', slip: '参考号', terminal: '终端号', number: '支票号', bank: '出票银行', taken: '已收款', clearing_told: '支票已登记，等银行结果',
  few: '实收现金少于应收', needs: '请填写完整', takings: '本班收款', no_takings: '本班还没有收款', at: '时间', what: '缴款事项', amount: '金额', 'taking.taken': '已收', 'taking.clearing': '支票待到账', 'taking.bounced': '已退票', receipt: '票据', reverse: '申请冲正', reverse_why: '冲正理由', reversed: '已申请，由财务另一人审批',
  count: '点钞交班', count_words: '清点抽屉里的全部现金（含备用金）。有差额须写明原因，差额照实入账，不得找平。', count_do: '提交点钞', confirm: '复核无误', confirmed: '已复核',
  deposits: '缴存银行', deposit: '登记缴存', no_deposits: '还没有缴存记录', left: '未缴存', day: '缴存日期', 'deposit.entered': '待财务核对', 'deposit.confirmed': '已到账', 'deposit.refused': '未到账', seen: '银行已到账', unseen: '未到账', why: '原因', honoured: '已到账', bounced: '退票', done: '已登记', own: '不能复核自己的班次',
}
const en: Record<keyof typeof zh, string> = {
  title: 'Window payments', shift: 'Shift', back: 'All shifts', words: 'Open a shift, take money, count it and hand over. A cheque pays nothing until the bank has honoured it.', none: 'No shifts yet',
  open: 'Open a shift', window: 'Window', float: 'Float (yuan)', opened: 'Opened', cashier: 'Cashier', state: 'State', drawer: 'Cash expected', counted: 'Cash counted', difference: 'Difference', note: 'Why it differs',
  'state.open': 'Open', 'state.counted': 'Counted, to be confirmed', 'state.confirmed': 'Confirmed', 'state.all': 'All',
  take: 'Take money', code: 'Payment code', find: 'Find the bill', add: 'Add another', remove: 'Remove', due: 'Due', payer: 'Payer', empty: 'Type a payment code, then compare payer and amount', not_found: 'No bill has this code', not_payable: 'This bill cannot be paid at present', twice: 'It is in the list already',
  means: 'Paid by', cash: 'Cash', pos: 'Card', cheque: 'Cheque', tendered: 'Cash handed over (yuan)', change: 'Change', slip: 'Slip number', terminal: 'Terminal', number: 'Cheque number', bank: 'Bank of the cheque', taken: 'Taken', clearing_told: 'The cheque is noted and waits for the bank',
  few: 'Less cash than is due', needs: 'Please fill everything in', takings: 'Taken in this shift', no_takings: 'Nothing was taken yet', at: 'Time', what: 'Paid for', amount: 'Amount', 'taking.taken': 'Taken', 'taking.clearing': 'Cheque not yet honoured', 'taking.bounced': 'Bounced', receipt: 'Receipt', reverse: 'Ask to reverse', reverse_why: 'Why', reversed: 'Asked for; somebody of finance decides',
  count: 'Count and hand over', count_words: 'Count all cash in the drawer with its float. A difference needs its reason and is written as it is.', count_do: 'Hand in the count', confirm: 'I counted it too', confirmed: 'Confirmed',
  deposits: 'Brought to the bank', deposit: 'Enter a deposit', no_deposits: 'No deposits yet', left: 'Not yet at the bank', day: 'Day', 'deposit.entered': 'Finance has to look', 'deposit.confirmed': 'Seen at the bank', 'deposit.refused': 'Not at the bank', seen: 'Seen at the bank', unseen: 'Not there', why: 'Why', honoured: 'Honoured', bounced: 'Bounced', done: 'Noted', own: 'Nobody confirms a shift of their own',
}

export type Word = keyof typeof zh

export function w(key: Word): string {
  return (locale.value === 'en' ? en : zh)[key]
}
