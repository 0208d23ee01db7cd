import { locale } from '../i18n'

/** The sentences of refunds, of search by any number, and of the books. */
const zh = {
  'refunds': '退付', 'refunds.words': '一人申请，另一人审批；款项原路退回，已划缴国库的由国库退付。', 'refunds.none': '没有这类退付', 'show': '按状态筛选',
  'show.asked': '待审批', 'show.under_way': '办理中', 'show.stuck': '异常', 'show.ended': '已结束', 'show.all': '全部',
  'ask': '申请退付', 'number': '退付号', 'amount': '金额', 'reason': '事由', 'route': '途径', 'state': '状态', 'asked_by': '申请人', 'asked_at': '申请时间',
  'approved_by': '审批人', 'second_by': '复核人', 'expected': '预计到账', 'finished': '完成时间', 'voucher': '凭证号', 'there': '渠道退款单号', 'refusal': '未同意的理由', 'note': '说明',
  'order': '订单号', 'transaction': '渠道交易号', 'paid': '原支付金额', 'lines': '退付明细', 'whole_bill': '整张缴款书', 'history': '办理过程', 'open': '查看',
  'approve': '同意退付', 'refuse': '不同意', 'refuse_why': '不同意的理由', 'own': '您是申请人或已审批人，须由他人审批。', 'second': '超过限额，须两人审批。',
  'complete': '登记已付款', 'sent_back': '登记退回', 'approved': '已同意', 'agreed_first': '已同意，还需一人复核', 'refused': '已登记不同意', 'completed': '已登记',
  'pick_order': '先查到要退付的款项', 'pick_words': '在“查账”中按订单号、交易号、缴款码、票据号查到款项，再从那里申请退付。', 'to_search': '去查账',
  'left': '可退 {amount}', 'by_line': '逐项退付', 'all_left': '退全部余额', 'fen_wrong': '请填写不超过可退余额的金额，最多两位小数', 'asked': '已提交，等待他人审批', 'way': '将{way}，收款账户不能指定。',
  'reason.mistaken': '误缴', 'reason.overpaid': '多缴', 'reason.paid_twice': '重复缴款', 'reason.revoked': '决定撤销或变更', 'reason.relief': '政策减免', 'reason.case_ended': '办件未予许可或撤回', 'reason.disputed': '到账金额不符',
  'search': '查账', 'search.words': '输入任意一个号码：订单号、渠道交易号、缴款码、票据号码、退付号或渠道退款单号。', 'search.label': '号码', 'search.go': '查询', 'search.none': '没有与此号码有关的款项', 'search.none_words': '请核对号码。这里不按姓名或手机号查询。', 'search.what': '款项',
  'search.found': '此号码是{kinds}', 'kind.order': '订单号', 'kind.transaction': '渠道交易号', 'kind.refund': '退付号', 'kind.channel_refund': '渠道退款单号', 'kind.voucher': '凭证号', 'kind.payment_code': '缴款码', 'kind.receipt': '票据号码', 'kind.verify_code': '票据查验码', 'kind.bill': '缴款书',
  'bills': '缴款书', 'payments': '收款', 'receipts': '票据', 'entries': '账簿分录', 'happenings': '全部经过', 'checked': '对账', 'checked.none': '当日尚未对账', 'held': '我方现存', 'principal': '本金', 'surcharge': '加处罚款', 'due': '期限', 'never': '尚无人支付这张缴款书', 'debit': '借方', 'credit': '贷方', 'account': '科目', 'time': '时间', 'what': '事项', 'who': '经手', 'payer': '缴款人', 'differences': '{n} 条差异',
  'books': '账簿', 'books.words': '复式记账，只增不改。可查看任一时刻的余额与每个科目的流水。', 'books.at': '截至', 'books.now': '现在', 'books.balance': '余额', 'books.sum': '合计', 'books.balanced': '借贷平衡', 'books.unbalanced': '借贷不平', 'books.none': '账簿还没有分录', 'books.trial': '试算平衡表',
  'books.prove': '重算校验', 'books.holds': '已逐日重算 {days} 天，与封存的摘要完全一致', 'books.drift': '{day} 的账与封存时不一致，已转人工处理', 'books.moved': '流水', 'books.opening': '期初余额', 'books.closing': '期末余额', 'books.against': '对方科目', 'books.no_moves': '这段时间没有变动', 'books.back': '返回试算平衡表', 'more': '继续加载',
  'treasury': '国库', 'books.show': '查看内容', 'treasury.words': '按收入项目与生效日期分成，余数按最大余数法分到分；规则只增不改。', 'treasury.set': '新增分成规则', 'treasury.is_set': '规则已保存', 'treasury.hand': '划缴截至 {day} 的款项', 'treasury.handed': '已划缴', 'treasury.without': '这些科目还没有分成规则，未划缴：',
  'treasury.rules': '分成规则', 'treasury.no_rules': '还没有分成规则', 'treasury.handings': '划缴记录', 'treasury.no_handings': '还没有划缴', 'treasury.body': '执收单位', 'treasury.item': '收入项目', 'treasury.item_hint': '收入项目编码（不填则适用于没有单独规则的项目）', 'treasury.any': '其他项目', 'treasury.since': '生效日期', 'treasury.shares': '分成', 'treasury.shares_hint': '各级国库的份额（合计 100%）', 'treasury.basis': '依据', 'treasury.number': '划缴号', 'treasury.until': '截至', 'treasury.code': '国库代码', 'treasury.account': '财政专户（可不填）', 'treasury.wrong': '请选择单位、写明依据，各级份额合计须为 100%，并填写国库代码',
  'and': '、', 'level.central': '中央', 'level.province': '省级', 'level.city': '市级', 'level.county': '县区',
}
const en: Record<keyof typeof zh, string> = {
  'refunds': 'Refunds', 'refunds.words': 'One person asks, another decides; money goes back the way it came, or by the treasury once it was handed on.', 'refunds.none': 'No such refund', 'show': 'Filter by state',
  'show.asked': 'To decide', 'show.under_way': 'Under way', 'show.stuck': 'Stuck', 'show.ended': 'Ended', 'show.all': 'All',
  'ask': 'Ask for a refund', 'number': 'Refund number', 'amount': 'Amount', 'reason': 'Reason', 'route': 'Way', 'state': 'State', 'asked_by': 'Asked by', 'asked_at': 'Asked at',
  'approved_by': 'Agreed by', 'second_by': 'Second agreement', 'expected': 'Expected by', 'finished': 'Finished', 'voucher': 'Voucher', 'there': 'Number at the channel', 'refusal': 'Why not agreed', 'note': 'Note',
  'order': 'Order', 'transaction': 'Transaction', 'paid': 'Paid', 'lines': 'What goes back', 'whole_bill': 'The bill as a whole', 'history': 'History', 'open': 'Open',
  'approve': 'Agree', 'refuse': 'Do not agree', 'refuse_why': 'Why not', 'own': 'You asked for it or agreed already; somebody else has to decide.', 'second': 'Above the limit: two people have to agree.',
  'complete': 'Note as paid out', 'sent_back': 'Note as sent back', 'approved': 'Agreed', 'agreed_first': 'Agreed; one more person has to', 'refused': 'Noted as not agreed', 'completed': 'Noted',
  'pick_order': 'Find the money first', 'pick_words': 'Find it by any number under “Search”, and ask for the refund from there.', 'to_search': 'To search',
  'left': '{amount} left', 'by_line': 'By line', 'all_left': 'All that is left', 'fen_wrong': 'An amount of at most what is left, with two decimals', 'asked': 'Sent; somebody else decides', 'way': '{way}; no account can be named.',
  'reason.mistaken': 'Paid by mistake', 'reason.overpaid': 'Overpaid', 'reason.paid_twice': 'Paid twice', 'reason.revoked': 'Decision revoked or changed', 'reason.relief': 'Relief', 'reason.case_ended': 'Case refused or withdrawn', 'reason.disputed': 'Another amount than asked for',
  'search': 'Search', 'search.words': 'Any number: order, transaction, payment code, receipt, refund, or the channel’s number of a refund.', 'search.label': 'Number', 'search.go': 'Search', 'search.none': 'No money has this number', 'search.none_words': 'Please check it. Nobody is searched here by name or phone.', 'search.what': 'money',
  'search.found': 'This is {kinds}', 'kind.order': 'an order', 'kind.transaction': 'a transaction', 'kind.refund': 'a refund', 'kind.channel_refund': 'a refund at the channel', 'kind.voucher': 'a voucher', 'kind.payment_code': 'a payment code', 'kind.receipt': 'a receipt', 'kind.verify_code': 'a receipt’s verify code', 'kind.bill': 'a bill',
  'bills': 'Bills', 'payments': 'Payments', 'receipts': 'Receipts', 'entries': 'Entries in the books', 'happenings': 'Everything that happened', 'checked': 'Reconciliation', 'checked.none': 'That day is not reconciled yet', 'held': 'Held by us', 'principal': 'Principal', 'surcharge': 'Surcharge', 'due': 'Due', 'never': 'Nobody has tried to pay this bill', 'debit': 'Debit', 'credit': 'Credit', 'account': 'Account', 'time': 'Time', 'what': 'What', 'who': 'Who', 'payer': 'Payer', 'differences': '{n} found',
  'books': 'Books', 'books.words': 'Double entry, only ever added to. Balances at any moment, and what moved on each account.', 'books.at': 'As of', 'books.now': 'Now', 'books.balance': 'Balance', 'books.sum': 'Total', 'books.balanced': 'Balanced', 'books.unbalanced': 'Not balanced', 'books.none': 'The books are empty', 'books.trial': 'Trial balance',
  'books.prove': 'Recompute', 'books.holds': '{days} days recomputed, exactly as they were sealed', 'books.drift': '{day} is not what it was when it was sealed; people are called', 'books.moved': 'Movements', 'books.opening': 'Opening balance', 'books.closing': 'Closing balance', 'books.against': 'Against', 'books.no_moves': 'Nothing moved in that time', 'books.back': 'Back to the trial balance', 'more': 'More',
  'treasury': 'Treasury', 'books.show': 'What to show', 'treasury.words': 'Shared by income item and day of effect, what does not divide by the largest remainder; rules are only ever added.', 'treasury.set': 'Add a rule', 'treasury.is_set': 'The rule is kept', 'treasury.hand': 'Hand on up to {day}', 'treasury.handed': 'Handed on', 'treasury.without': 'Nobody shares these accounts yet; they stay:',
  'treasury.rules': 'Rules of sharing', 'treasury.no_rules': 'No rule yet', 'treasury.handings': 'Handed on', 'treasury.no_handings': 'Nothing handed on yet', 'treasury.body': 'Body', 'treasury.item': 'Income item', 'treasury.item_hint': 'Income item’s code (empty: whatever has no rule of its own)', 'treasury.any': 'Others', 'treasury.since': 'In effect from', 'treasury.shares': 'Shares', 'treasury.shares_hint': 'Shares of the treasuries (100 % in all)', 'treasury.basis': 'Basis', 'treasury.number': 'Number', 'treasury.until': 'Up to', 'treasury.code': 'Treasury’s code', 'treasury.account': 'Special account (may be empty)', 'treasury.wrong': 'A body, a basis, and shares of treasuries with their codes that come to 100 %',
  'and': ', ', 'level.central': 'Central', 'level.province': 'Province', 'level.city': 'City', 'level.county': 'County',
}

export type Word = keyof typeof zh

export function w(key: Word, values: Record<string, string | number> = {}): string {
  return Object.entries(values).reduce((words, [name, value]) => words.replace(`{${name}}`, String(value)), (locale.value === 'en' ? en : zh)[key])
}
