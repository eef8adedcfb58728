#![no_main]
//! See `logloom_fuzz::envelopes`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logloom_fuzz::envelopes(bytes));
