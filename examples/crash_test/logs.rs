//! The logs: three files that grow, in which no two lines are the same.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::random::Random;

/// The files' names.
const FILES: [&str; 3] = ["cart.log", "pay.log", "stock.log"];

/// Appends some lines to each file; the last one may be cut off, and goes on the next time.
pub(crate) fn grow(logs: &Path, random: &mut Random, lines: u64) -> std::io::Result<()> {
    for (number, name) in FILES.iter().enumerate() {
        let mut file = OpenOptions::new().create(true).append(true).open(logs.join(name))?;
        let mut text = Vec::new();
        for _ in 0..random.between(1, lines + 1) {
            line(&mut text, number, random);
        }
        if random.per_mille(300) {
            text.truncate(text.len() - random.between(1, 20) as usize);
        }
        file.write_all(&text)?;
    }
    Ok(())
}

/// One line of a service: JSON, text, a stack trace, or nothing that anyone understands.
fn line(out: &mut Vec<u8>, service: usize, random: &mut Random) {
    let unique = random.bits();
    let trace = random.below(1 << 20) * 0x9e37_79b9;
    let time = 1_772_438_400_000 + random.below(86_400_000);
    match random.below(20) {
        0 => out.extend(format!("  resumed {unique:x} after \u{1f980} {time}\n").bytes()),
        1 => {
            out.extend(format!("{unique:016x} ").bytes());
            out.extend([0xff, 0xfe, b'?', 0, b'\n']);
        }
        2 => out.extend(
            format!(
                "2026-03-02T08:00:{:02}.{:03}Z ERROR [pay,{trace:032x},{unique:016x}] 1 --- [exec-1] \
                 com.example.Pay : charge failed\njava.lang.IllegalStateException: no funds {unique}\n\
                 \tat com.example.Pay.charge(Pay.java:{})\n",
                time % 60,
                time % 1000,
                unique % 900 + 1
            )
            .bytes(),
        ),
        kind => out.extend(
            format!(
                r#"{{"level":{},"time":{time},"name":"{}","trace_id":"{trace:032x}","span_id":"{unique:016x}","msg":"order ORD-{} opened from 10.0.0.{}"}}"#,
                if kind == 3 { 50 } else { 30 },
                FILES[service].trim_end_matches(".log"),
                unique % 90_000 + 10_000,
                unique % 200 + 1,
            )
            .bytes()
            .chain([b'\n']),
        ),
    }
}
