#![no_main]
//! See `logloom_fuzz::timestamp`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logloom_fuzz::timestamp(bytes));
