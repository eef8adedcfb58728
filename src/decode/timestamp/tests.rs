use super::calendar::day_number;
use super::*;

const T0: i64 = 1_795_253_415_250_000_000;
const T0S: i64 = 1_795_253_415_000_000_000;
const MORNING: i64 = (9 * 3600 + 30 * 60 + 15) * 1_000_000_000;

#[track_caller]
fn check(text: &str, expected: Reading) {
    assert_eq!(read(text), Some(expected), "text: {text}");
}

#[track_caller]
fn check_instant(text: &str, nanoseconds: i64) {
    check(text, Reading::Instant(Timestamp::from_nanoseconds(nanoseconds)));
}

#[track_caller]
fn check_zoneless(text: &str, nanoseconds: i64) {
    check(text, Reading::Zoneless { as_utc: Timestamp::from_nanoseconds(nanoseconds) });
}

#[track_caller]
fn check_absent(text: &str) {
    assert_eq!(read(text), None, "text: {text}");
}

#[test]
fn an_epoch_number_tells_its_unit_by_its_magnitude() {
    check_instant("1795253415", T0S);
    check_instant("1795253415.25", T0);
    check_instant("1795253415250", T0);
    check_instant("1795253415250.000", T0);
    check_instant("1795253415250000", T0);
    check_instant("1795253415250000000", T0);
    check_instant("1.79525341525e9", T0);
    check_instant("1.79525341525e+09", T0);
    check_instant("639308502152500000", T0);
    check_instant("/Date(1795253415250)/", T0);
    check_instant("@400000006b0164b10ee6b280", T0);
    check_instant("/Date(1795253415250+0100)/", T0);
}

#[test]
fn ticks_before_1970_are_no_time() {
    check_absent("620000000000000000");
}

#[test]
fn iso_forms_are_read_with_any_separator_fraction_and_zone() {
    check_instant("2026-11-21T09:30:15.25Z", T0);
    check_instant("2026-11-21T09:30:15,250+0000", T0);
    check_instant("2026-11-21 10:30:15.250+01", T0);
    check_instant("2026-11-21T10:30:15.250+01:00[Europe/Berlin]", T0);
    check_instant("20261121T093015.250Z", T0);
    check_instant("2026-11-21T09:30:15.2500000Z", T0);
    check_instant("2026-11-21_09:30:15.250 UTC", T0);
    check_instant("2026-11-21 09:30:15.25 +0000 UTC m=+3.1", T0);
    check_instant("2026-11-21 09:30:15:250 +0000", T0);
    check_instant("[2026-11-21T09:30:15Z]", T0S);
    check_zoneless("2026-11-21 09:30:15,250", T0);
    check_zoneless("20261121 093015,250", T0);
    check_zoneless("20261121093015250", T0);
    check_zoneless("2026/11/21 09:30:15.250000", T0);
    check_zoneless("2026/11/21 - 09:30:15", T0S);
    check_zoneless("2026:11:21-09:30:15", T0S);
    check_zoneless("[2026-11-21][09:30:15]", T0S);
    check_zoneless("11/21/2026 - 09:30:15", T0S);
    check_zoneless("21.11.2026-09:30:15", T0S);
}

#[test]
fn slash_dates_put_the_month_first_only_where_it_must_be() {
    check_zoneless("11/21/2026, 9:30:15 AM", T0S);
    check_zoneless("21/11/2026 09:30:15", T0S);
    check_zoneless("11/21/2026 09:30:15", T0S);
}

#[test]
fn forms_with_names_of_months_are_read() {
    check_instant("21/Nov/2026:10:30:15 +0100", T0S);
    check_zoneless("21/Nov/2026:09:30:15.250", T0);
    check_zoneless("21/Nov/2026 09:30:15", T0S);
    check_zoneless("Sat Nov 21 09:30:15.250000 2026", T0);
    check_instant("Sat Nov 21 10:30:15 CET 2026", T0S);
    check_zoneless("Sat Nov 21 10:30:15 IST 2026", T0S + 3_600_000_000_000);
    check_instant("Sat, 21 Nov 2026 09:30:15 GMT", T0S);
    check_instant("Sat Nov 21 2026 09:30:15 GMT+0000 (Coordinated Universal Time)", T0S);
    check_zoneless("21-Nov-2026 09:30:15.250", T0);
    check_instant("21-Nov-2026 09:30:15 UTC", T0S);
    check_zoneless("21-Nov-2026::09:30:15.250", T0);
    check_zoneless("21 Nov 2026 09:30:15.250", T0);
    check_zoneless("21 Nov 2026 09:30:15,250", T0);
    check_instant("*Nov 21 2026 09:30:15.250 UTC", T0);
    check_zoneless("Nov 21, 2026 9:30:15 AM", T0S);
    check_zoneless("Nov 21, 2026, 9:30:15\u{202f}AM", T0S);
    check_zoneless("261121  9:30:15", T0S);
}

#[test]
fn what_a_time_leaves_open_stays_open() {
    let nanoseconds = MORNING;
    let yearless = |nanoseconds| Reading::Yearless { month: 11, day: 21, nanoseconds };
    check("Nov 21 09:30:15", yearless(nanoseconds));
    check("1121 09:30:15.250000", yearless(nanoseconds + 250_000_000));
    check("21 Nov 09:30:15.250", yearless(nanoseconds + 250_000_000));
    check("Nov  1 09:30:15", Reading::Yearless { month: 11, day: 1, nanoseconds });
    check("09:30:15", Reading::Daily { nanoseconds });
    check("09:30:15,250", Reading::Daily { nanoseconds: nanoseconds + 250_000_000 });
    check("9:30AM", Reading::Daily { nanoseconds: nanoseconds - 15_000_000_000 });
    check_zoneless("20261121 09:30:15.250000", T0);
}

#[test]
fn what_is_no_time_or_out_of_range_is_absent() {
    for text in [
        "",
        "-",
        "12",
        "12345",
        "2026-13-21T09:30:15Z",
        "2026-02-30 09:30:15",
        "25:00:00",
        "2026-11-21T09:30:15Zebra",
        "1795253415x",
        "9999-01-01T00:00:00Z",
        "Nov 31 00:00:00",
        "99999999999999999999999999999999999",
        "1e127",
        "2026-11-21",
        "10.0.0.9",
        "é",
        "2026-11-2é",
    ] {
        check_absent(text);
    }
}

#[test]
fn a_yearless_date_takes_the_year_closest_to_its_reference() {
    let new_year =
        Timestamp::from_nanoseconds(day_number(2027, 1, 1).unwrap() * 86_400_000_000_000);
    let time = yearless(12, 31, 0, new_year).unwrap();
    assert_eq!(time.to_string(), "2026-12-31T00:00:00.000000000Z");
    let leap_day = yearless(2, 29, 0, new_year).unwrap();
    assert_eq!(leap_day.to_string(), "2028-02-29T00:00:00.000000000Z");
}

#[test]
fn a_form_of_a_definition_is_read_as_it_says() {
    let time = read_pattern("%d.%m.%Y %H:%M:%S%.3f", "21.11.2026 09:30:15.250");
    assert_eq!(time, Some(Reading::Zoneless { as_utc: Timestamp::from_nanoseconds(T0) }));
    let time = read_pattern("%Y-%m-%d %H:%M:%S%.3f%z", "2026-11-21 10:30:15.250+0100");
    assert_eq!(time, Some(Reading::Instant(Timestamp::from_nanoseconds(T0))));
    assert_eq!(read_pattern("%H:%M", "09:30").and_then(Reading::complete), None);
    assert!(check_pattern("%Y %q").is_err());
    assert_eq!(check_pattern("%Y-%m-%d %H:%M:%S%.3f"), Ok(()));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,60}", digits in "[0-9:/. TZ+-]{0,40}") {
        let _ = read(&text);
        let _ = read(&digits);
        let _ = read_pattern("%Y-%m-%d %H:%M:%S", &digits);
    }
}
