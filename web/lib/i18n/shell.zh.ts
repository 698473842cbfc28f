// SPDX-License-Identifier: Apache-2.0
import type { shellTexts } from "./shell.en";

export const shellTextsZh: Record<keyof typeof shellTexts, string> = {
  "shell.skip": "跳到内容",
  "shell.nav": "页面",
  "shell.theme": "切换浅色和深色",
  "shell.language": "Switch to English",
  "shell.licences": "许可",
  "wallet.title": "钱包",
  "explorer.title": "区块浏览",
  "firm.title": "企业",
  "live.live": "实时",
  "live.reconnecting": "正在重连",
  "live.stale": "自 {time} 起未更新",
  "live.hint": "本页是否实时收到新消息",
  "state.pending": "待定",
  "state.final": "已终局",
  "state.failed": "失败",
  "copy.do": "复制{what}",
  "copy.done": "已复制",
  "error.retry": "重试",
  "error.unreachable": "无法连接服务器。请检查网络后重试。",
  "error.title": "操作未成功",
  "error.request": "请求编号 {id}",
  "error.not_found": "没有这个名称的内容。",
  "amount.about": "约 {value}，按您自己的汇率 {rate}",
  "page.title": "{page} – LMM {market}",
};
