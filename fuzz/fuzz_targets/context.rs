#![no_main]
//! See `logloom_fuzz::context`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logloom_fuzz::context(bytes));
