//! A segment as the journal's fuzzer has it: for each block its length and so many bytes of it.
#![allow(dead_code, reason = "the seeds are packed, the fuzzer unpacks")]

pub const BLOCK: usize = 4096;

/// More than any seed has.
const BLOCKS_MAX: usize = 64;

pub fn pack(segment: &[u8]) -> Vec<u8> {
    let used = segment.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let mut packed = Vec::new();
    for block in segment[..used].chunks(BLOCK) {
        let used = block.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        packed.extend((used as u16).to_le_bytes());
        packed.extend(&block[..used]);
    }
    packed
}

pub fn unpack(mut packed: &[u8]) -> Vec<u8> {
    let mut segment = Vec::new();
    while let Some((length, rest)) = packed.split_first_chunk()
        && segment.len() < BLOCKS_MAX * BLOCK
    {
        let length = (u16::from_le_bytes(*length) as usize).min(BLOCK).min(rest.len());
        let (block, rest) = rest.split_at(length);
        segment.extend(block);
        segment.resize(segment.len().next_multiple_of(BLOCK), 0);
        packed = rest;
    }
    segment
}
