#![no_main]
//! See `logloom_fuzz::query`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logloom_fuzz::query(bytes));
