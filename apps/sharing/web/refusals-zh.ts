// SPDX-License-Identifier: Apache-2.0
// What the contract says when it refuses (contract/abi.json), in Chinese, by its numbers. In English
// its own sentences are shown.
import description from "../contract/abi.json";

export const refusalsZh: Record<string, string> = {
  "1": "参数不符合该方法的形式",
  "2": "标题 1 至 80 字节，说明至多 2000，地点 1 至 120，种类 1 至 32",
  "3": "地球上没有这个位置",
  "4": "价格须在允许范围内，按分钟或按小时",
  "5": "押金超过了允许的最大值",
  "6": "逾期最多 7 天",
  "7": "没有这件物品",
  "8": "只有物主可以这样做",
  "9": "这件物品已不再出租",
  "10": "结束时间须晚于开始时间，延长须晚于原结束时间",
  "11": "该时间已过",
  "12": "一次预订最多 31 天",
  "13": "该时间在 366 天以后",
  "14": "该时段已被占用",
  "15": "物主对一件物品最多保留 128 个时段",
  "16": "物主没有保留在该时刻结束的时段",
  "17": "不能向自己租用",
  "18": "付款须恰为租金、押金与定时结算之和",
  "19": "这不是密钥",
  "20": "没有这个预订",
  "21": "该预订已结算",
  "22": "只有租用人可以这样做",
  "23": "只有租用人或物主可以这样做",
  "24": "承租人只能在开始前取消",
  "25": "预订尚未开始",
  "26": "使用已经开始",
  "27": "使用尚未开始",
  "28": "预订已结束",
  "29": "该签署属于另一个命令",
  "30": "该签署属于另一个预订",
  "31": "该签署属于另一把锁",
  "32": "该签署不比上一个新",
  "33": "该签署指向尚不存在的区块",
  "34": "租用人的密钥没有签署",
  "35": "锁的密钥没有签署",
  "36": "没有锁",
  "37": "这把锁已绑定到别的物品",
  "38": "该物品已有锁",
  "39": "物主已收回授权",
  "40": "租用人没有说使用已结束",
  "41": "提出异议的时间已过",
  "42": "现在结算为时过早",
  "43": "租用人已说使用结束",
  "44": "物主对使用结束提出了异议：须由锁签署归还",
};

// By the sentence, which is what an answer carries.
export const refusalTextsZh = Object.fromEntries(
  Object.entries(description.errors).flatMap(([number, sentence]) =>
    number in refusalsZh ? [[`refused.${sentence}`, refusalsZh[number]!]] : [],
  ),
);
