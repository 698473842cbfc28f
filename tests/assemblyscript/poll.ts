// SPDX-License-Identifier: Apache-2.0
// A contract in AssemblyScript: a poll in which every account has one vote. It shows that the chain
// asks for WebAssembly, not for C: names are given to exports by names.mjs, memory is fixed, there is
// no run-time.

@external("lmm", "storage_get")
declare function storage_get(key: usize, keyLen: u32, out: usize, capacity: u32): i32;
@external("lmm", "storage_set")
declare function storage_set(key: usize, keyLen: u32, value: usize, valueLen: u32): void;
@external("lmm", "arguments_len")
declare function arguments_len(): u32;
@external("lmm", "arguments_read")
declare function arguments_read(out: usize, offset: u32, len: u32): void;
@external("lmm", "return_data")
declare function return_data(data: usize, len: u32): void;
@external("lmm", "refuse")
declare function refuse(code: u32): void;
@external("lmm", "caller")
declare function caller(out: usize): void;
@external("lmm", "event")
declare function event(topic: usize, topicLen: u32, data: usize, dataLen: u32): void;

const BAD_ARGUMENTS: u32 = 1;
const VOTED_BEFORE: u32 = 2;
const NO_SUCH_CHOICE: u32 = 3;
const CHOICES: u8 = 4;

// "v" and the voter's account; "c" and the choice.
const voterKey = memory.data(33);
const countKey = memory.data(2);
const number = memory.data(8);
const choice = memory.data(1);
const topic = memory.data<u8>([118, 111, 116, 101, 100]); // "voted"

function readChoice(): u8 {
  if (arguments_len() != 1) refuse(BAD_ARGUMENTS);
  arguments_read(choice, 0, 1);
  const value = load<u8>(choice);
  if (value >= CHOICES) refuse(NO_SUCH_CHOICE);
  return value;
}

function loadCount(value: u8): u64 {
  store<u8>(countKey, 99);
  store<u8>(countKey, value, 1);
  store<u64>(number, 0);
  storage_get(countKey, 2, number, 8);
  return load<u64>(number);
}

// vote(choice u8)
export function call_vote(): void {
  const value = readChoice();
  store<u8>(voterKey, 118);
  caller(voterKey + 1);
  if (storage_get(voterKey, 33, choice, 0) >= 0) refuse(VOTED_BEFORE);
  storage_set(voterKey, 33, choice, 1);
  const count = loadCount(value) + 1;
  store<u64>(number, count);
  storage_set(countKey, 2, number, 8);
  event(topic, 5, choice, 1);
}

// count(choice u8) -> u64
export function view_count(): void {
  loadCount(readChoice());
  return_data(number, 8);
}
