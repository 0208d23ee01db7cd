// Sentences of work orders; apart, so that the first view does not carry them.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  mine: ["我的诉求", "My requests"],
  mine_note: ["求助、投诉、建议的办理进度", "Help, complaints and suggestions"],
  signin: ["登录后查看您的诉求", "Sign in to see your requests"],
  none: ["还没有诉求", "No requests yet"],
  none_note: ["咨询中不能当场解决的事，会登记成工单在这里跟进", "What cannot be settled in a consultation is recorded and followed here"],
  ask: ["去咨询", "Ask a question"],
  all: ["全部", "All"],
  going: ["办理中", "In progress"],
  answered: ["待确认", "To confirm"],
  over: ["已结束", "Ended"],
  none_here: ["这里没有诉求", "Nothing here"],
  detail: ["诉求详情", "Request"],
  number: ["工单编号", "Number"],
  kind: ["类型", "Kind"],
  item: ["相关事项", "Service"],
  department: ["承办部门", "Office"],
  holder: ["经办人", "Responsible"],
  due: ["答复期限", "Answer due"],
  due_by: ["{day} 前答复", "Answer by {day}"],
  words: ["诉求内容", "What was asked"],
  emptied: ["内容已按期删除", "The words were removed after the period of keeping"],
  answer: ["答复", "Answer"],
  progress: ["办理进度", "Progress"],
  next: ["等待答复，最晚 {day}", "Waiting for the answer, by {day}"],
  satisfied: ["满意，办结", "Satisfied, close it"],
  not_satisfied: ["不满意，重新办理", "Not satisfied, take it up again"],
  until: ["可在 {day} 前确认，到期自动办结", "You can reply until {day}; then it is closed"],
  last: ["已重新办理过一次", "It was taken up again once already"],
  why: ["哪里没有解决？", "What is not solved?"],
  why_hint: ["工作人员和主管会看到", "The clerk and the supervisor read it"],
  why_missing: ["请写明原因，至少 2 个字", "Please say why, in at least two characters"],
  send: ["提交", "Send"],
  confirmed: ["已确认办结", "Closed, thank you"],
  reopened: ["已重新办理，主管会跟进", "Taken up again; the supervisor is told"],
  talk: ["查看咨询记录", "See the consultation"],
  photo: ["照片 {n}", "Photograph {n}"],
};

/** A sentence by its key; `{name}` is replaced by `values.name`. */
export function o(key: string, values: Record<string, string | number> = {}): string {
  const [zh, en] = WORDS[key] ?? [key, key];
  return (look.locale === "en" ? en : zh).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
