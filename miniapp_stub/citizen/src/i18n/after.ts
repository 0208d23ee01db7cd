// Sentences of what comes after a conversation or a case: ratings, records, public answers. Apart from the first view.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  "rate.title": ["您对这次服务满意吗？", "How satisfied are you?"],
  "rate.case": ["您对本次办件满意吗？", "How satisfied are you with this case?"],
  "rate.free": ["自愿评价，办理人员看不到是谁评的。", "It is up to you; the officer is not told who rated."],
  "rate.why": ["主要原因", "The main reasons"],
  "rate.comment": ["想说的话", "Anything to add"],
  "rate.comment_hint": ["请不要填写证件号、手机号", "Please leave out ID and phone numbers"],
  "rate.send": ["提交评价", "Send rating"],
  "rate.skip": ["不评价", "Skip"],
  "rate.thanks": ["谢谢您的评价", "Thank you for the rating"],
  "rate.mine": ["我的评价", "My rating"],
  "rate.until": ["{at} 前可评价", "You may rate until {at}"],
  "result.title": ["差评整改结果", "What became of your rating"],
  "result.by": ["{day} 前办结并告知您", "To be done, and you told, by {day}"],
  "result.found": ["核查结论", "Finding"],
  "result.measures": ["整改措施", "What was done"],
  "result.done": ["办结时间", "Done"],
  "result.rate": ["您对整改结果满意吗？", "Are you satisfied with the result?"],
  "result.yours": ["您对结果的评价", "Your rating of the result"],
  "result.see": ["查看整改情况", "See what became of it"],
  "history.title": ["我的咨询记录", "My consultations"],
  "history.lead": ["全部咨询都在这里，可查找、下载、继续追问。", "All your consultations: find, download, ask again."],
  "history.find": ["按事项、部门或内容查找", "Find by service, office or words"],
  "history.all": ["全部", "All"],
  "history.open": ["进行中", "Open"],
  "history.closed": ["已结束", "Closed"],
  "history.none": ["没有咨询记录", "No consultations yet"],
  "history.none_found": ["没有符合的记录", "Nothing fits"],
  "history.more": ["加载更早的记录", "Load earlier ones"],
  "history.again": ["继续追问", "Ask again"],
  "history.context": ["接上次咨询（{day}）：", "Following my consultation of {day}: "],
  "history.signin": ["登录后查看咨询记录", "Sign in to see your consultations"],
  "history.see": ["查看对话", "Open"],
  "transcript": ["下载咨询记录", "Download transcript"],
  "transcript.note": ["PDF，含核验码，可作凭证", "PDF with a code for checking"],
  "qa.asked": ["大家问过", "Others asked"],
  "qa.reviewed": ["{day} 审核", "Reviewed {day}"],
  "qa.stale": ["指南已更新，此回答正在复核，请以指南为准", "The guide has changed; this answer is being reviewed"],
  "qa.helped": ["有帮助吗？", "Did it help?"],
  "qa.yes": ["有帮助", "Yes"],
  "qa.no": ["没帮助", "No"],
  "qa.counted": ["已记录，谢谢", "Noted, thank you"],
  "qa.group": ["问答", "Questions and answers"],
  "qa.known": ["您可能想问", "You may be asking"],
  "qa.solved": ["这解决了您的问题吗？", "Does this solve it?"],
  "qa.solved_yes": ["解决了", "Yes, thank you"],
  "qa.solved_no": ["没有，继续咨询", "No, ask the officer"],
  "qa.glad": ["很高兴帮到您", "Glad to help"],
};

export function w(key: string, values: Record<string, string | number> = {}): string {
  const pair = WORDS[key];
  const sentence = pair ? pair[look.locale === "en" ? 1 : 0] : key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
