#![no_main]
//! See `logloom_fuzz::definitions`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logloom_fuzz::definitions(bytes));
