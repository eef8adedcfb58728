//! The written forms: which order the parts come in, told by what the text begins with.

use crate::decode::timestamp::Reading;
use crate::decode::timestamp::calendar::{Order, day_number, in_order, instant, moment};
use crate::decode::timestamp::cursor::Cursor;
use crate::decode::timestamp::zone::{self, Zone};

/// A day as far as it is stated.
#[derive(Clone, Copy)]
enum Day {
    /// Days since the epoch.
    Full(i64),
    Yearless {
        month: u8,
        day: u8,
    },
    Unstated,
}

/// Reads any written form; none when the text fits no form to its end.
pub(super) fn read(text: &str) -> Option<Reading> {
    let mut cursor = Cursor::new(text);
    match cursor.peek()? {
        b'0'..=b'9' => match cursor.digits_ahead() {
            8 | 14 | 17 => compact(&mut cursor),
            6 => short_year(&mut cursor),
            4 => year_first(&mut cursor),
            _ => day_first(text).or_else(|| short_date(text)),
        },
        b'*' => month_first(&mut Cursor::new(&text[1..])),
        byte if byte.is_ascii_alphabetic() || !byte.is_ascii() => month_first(&mut cursor),
        _ => None,
    }
}

/// `2026-11-21T09:30:15.250+01:00`, `2026/11/21 - 09:30:15`, and klog's `1121 09:30:15.250`.
fn year_first(cursor: &mut Cursor<'_>) -> Option<Reading> {
    let year = cursor.number(4, 4)?;
    if cursor.peek() == Some(b' ') {
        let day = yearless((year / 100) as u8, (year % 100) as u8)?;
        cursor.spaces();
        return finish(cursor, day);
    }
    let separator = cursor.one_of(b"-/.:")?;
    let month = cursor.number(1, 2)?;
    cursor.one_of(&[separator])?;
    let day = cursor.number(1, 2)?;
    let day = full(year, month, day)?;
    // fern's own example puts date and time into brackets of their own.
    if cursor.literal(b" - ").or_else(|| cursor.literal(b"][")).is_none() {
        cursor.one_of(b"Tt _:-")?;
        cursor.spaces();
    }
    finish(cursor, day)
}

/// `20261121T093015.250Z`, `20261121 093015,250`, `20261121093015250`, `20261121 09:30:15`.
fn compact(cursor: &mut Cursor<'_>) -> Option<Reading> {
    let year = cursor.number(4, 4)?;
    let month = cursor.number(2, 2)?;
    let day = full(year, month, cursor.number(2, 2)?)?;
    if cursor.one_of(b"Tt _-").is_some() && cursor.digits_ahead() < 6 {
        return finish(cursor, day);
    }
    let (hour, minute) = (cursor.number(2, 2)?, cursor.number(2, 2)?);
    let second = cursor.number(2, 2)?;
    cursor.one_of(b".,");
    let fraction = cursor.fraction().unwrap_or(0);
    let nanoseconds = moment(hour, minute, second, fraction)?;
    close(day, nanoseconds, zone::read(cursor)?)
}

/// Old `MySQL`: `261121  9:30:15`, and Hadoop's `261121 093015`.
fn short_year(cursor: &mut Cursor<'_>) -> Option<Reading> {
    let year = 2000 + cursor.number(2, 2)?;
    let month = cursor.number(2, 2)?;
    let day = full(year, month, cursor.number(2, 2)?)?;
    cursor.one_of(b" T")?;
    cursor.spaces();
    if cursor.digits_ahead() == 6 {
        let (hour, minute) = (cursor.number(2, 2)?, cursor.number(2, 2)?);
        let nanoseconds = moment(hour, minute, cursor.number(2, 2)?, 0)?;
        return close(day, nanoseconds, zone::read(cursor)?);
    }
    finish(cursor, day)
}

/// Forms that begin with one or two digits: a day, a month, or the hour.
fn day_first(text: &str) -> Option<Reading> {
    let mut cursor = Cursor::new(text);
    let first = cursor.number(1, 2)?;
    let separator = cursor.one_of(b"/- :.AaPp")?;
    if separator == b' ' && cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if !b"/- .".contains(&separator) {
        return finish(&mut Cursor::new(text), Day::Unstated);
    }
    if cursor.peek().is_some_and(|byte| !byte.is_ascii_digit()) {
        return day_month_name(&mut cursor, first, separator);
    }
    let second = cursor.number(1, 2)?;
    if separator != b' ' && cursor.one_of(b" ").is_some() {
        // Android's `11-21 09:30:15.250`; the day first where there is no such month.
        let (month, day) = if first > 12 { (second, first) } else { (first, second) };
        let day = yearless(u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
        cursor.spaces();
        return finish(&mut cursor, day);
    }
    if cursor.one_of(&[separator]).is_none() || cursor.digits_ahead() != 4 {
        return (separator == b'.').then(|| finish(&mut Cursor::new(text), Day::Unstated))?;
    }
    let year = cursor.number(4, 4)?;
    cursor.one_of(b",");
    if cursor.literal(b" - ").is_none() {
        cursor.one_of(b" T-:_")?;
    }
    cursor.spaces();
    let (mut ahead, american) = (cursor, text.ends_with(['M', 'm']));
    let order = match (first, second) {
        (_, 13..) => Order::Month,
        _ if american => Order::Month,
        (13.., _) => Order::Day,
        _ if separator != b'/' => Order::Day,
        _ => {
            let parts = [first as u16, second as u16, year as u16];
            return disputed(&mut ahead, parts);
        }
    };
    let (month, day) = if order == Order::Month { (first, second) } else { (second, first) };
    finish(&mut cursor, full(year, month, day)?)
}

/// `26/11/21 09:30:15`: Spark puts the year first, others last.
fn short_date(text: &str) -> Option<Reading> {
    let mut cursor = Cursor::new(text);
    let first = cursor.number(2, 2)?;
    let separator = cursor.one_of(b"/-.")?;
    let second = cursor.number(2, 2)?;
    cursor.one_of(&[separator])?;
    let third = cursor.number(2, 2)?;
    cursor.one_of(b",");
    cursor.one_of(b" T")?;
    cursor.spaces();
    disputed(&mut cursor, [first as u16, second as u16, third as u16])
}

/// A date whose parts may come in more than one order.
fn disputed(cursor: &mut Cursor<'_>, parts: [u16; 3]) -> Option<Reading> {
    let nanoseconds = clock(cursor)?;
    zone::read(cursor)?;
    let reading = Reading::Disputed { parts, nanoseconds };
    Order::ALL.iter().any(|order| in_order(*order, parts, nanoseconds).is_some()).then_some(reading)
}

/// `21/Nov/2026:10:30:15 +0100`, `21-Nov-2026 09:30:15.250`, `21 Nov 2026 …`, `13 Nov …`.
fn day_month_name(cursor: &mut Cursor<'_>, day: u32, separator: u8) -> Option<Reading> {
    let month = month_name(cursor.name())?;
    cursor.one_of(b".");
    // An hour alone has only two digits before its colon.
    cursor.one_of(&[separator])?;
    if cursor.digits_ahead() != 4 {
        return finish(cursor, yearless(month, u8::try_from(day).ok()?)?);
    }
    let date = full(cursor.number(4, 4)?, u32::from(month), day)?;
    while cursor.one_of(b": ,T").is_some() {}
    finish(cursor, date)
}

/// `Nov 21 09:30:15`, `Nov 21, 2026 9:30:15 AM`, `Sat Nov 21 09:30:15.250 2026`,
/// `Sat, 21 Nov 2026 09:30:15 GMT`.
fn month_first(cursor: &mut Cursor<'_>) -> Option<Reading> {
    let mut word = cursor.name();
    if is_weekday(word) {
        cursor.one_of(b",");
        cursor.spaces();
        if let Some(day) = cursor.number(1, 2) {
            let separator = cursor.one_of(b" -")?;
            return day_month_name(cursor, day, separator);
        }
        word = cursor.name();
    }
    let month = month_name(word)?;
    cursor.one_of(b".");
    cursor.spaces();
    let day = cursor.number(1, 2)?;
    let comma = cursor.one_of(b",").is_some();
    cursor.spaces();
    if comma || cursor.digits_ahead() == 4 {
        let date = full(cursor.number(4, 4)?, u32::from(month), day)?;
        while cursor.one_of(b", ").is_some() {}
        return finish(cursor, date);
    }
    let nanoseconds = clock(cursor)?;
    year_last(cursor, month, u8::try_from(day).ok()?, nanoseconds)
}

/// After month, day and time: nothing, or a zone, or a year, or both.
fn year_last(cursor: &mut Cursor<'_>, month: u8, day: u8, nanoseconds: i64) -> Option<Reading> {
    cursor.spaces();
    let mut before = Zone::Unstated;
    let mut ahead = *cursor;
    if let Some(word) = ahead.word() {
        let name = std::str::from_utf8(word).ok()?;
        before = zone::read(&mut Cursor::new(name))?;
        ahead.spaces();
        *cursor = ahead;
    }
    if cursor.digits_ahead() != 4 {
        let day = yearless(month, day)?;
        return cursor.is_done().then(|| close(day, nanoseconds, Zone::Unstated))?;
    }
    let date = full(cursor.number(4, 4)?, u32::from(month), u32::from(day))?;
    let zone = match zone::read(cursor)? {
        Zone::Unstated => before,
        stated @ Zone::Offset(_) => stated,
    };
    close(date, nanoseconds, zone)
}

/// The clock, then the zone to the end of the text.
fn finish(cursor: &mut Cursor<'_>, day: Day) -> Option<Reading> {
    let nanoseconds = clock(cursor)?;
    let zone = zone::read(cursor)?;
    close(day, nanoseconds, zone)
}

/// `09:30:15.250`, `9:30:15 AM`, `9:30AM`, `09:30:15:250`.
fn clock(cursor: &mut Cursor<'_>) -> Option<i64> {
    let hour = cursor.number(1, 2)?;
    cursor.one_of(b":.")?;
    let minute = cursor.number(2, 2)?;
    let mut second = 0;
    let mut fraction = 0;
    if cursor.one_of(b":.").is_some() {
        second = cursor.number(2, 2)?;
        if cursor.one_of(b".,:").is_some() {
            fraction = cursor.fraction()?;
        }
    }
    let hour = half_day(cursor, hour)?;
    moment(hour, minute, second, fraction)
}

/// The hour of the day, after ` AM` or ` PM` if that follows (also behind the narrow
/// space that newer Java prints).
fn half_day(cursor: &mut Cursor<'_>, hour: u32) -> Option<u32> {
    let mut ahead = *cursor;
    if ahead.literal("\u{202f}".as_bytes()).or_else(|| ahead.literal("\u{a0}".as_bytes())).is_none()
    {
        ahead.spaces();
    }
    let Some(word) = ahead.word() else { return Some(hour) };
    let afternoon = match word {
        b"AM" | b"am" => false,
        b"PM" | b"pm" => true,
        // Spanish: `6:42:06 P. M.`, with spaces that do not break.
        [half @ (b'A' | b'a' | b'P' | b'p')] => {
            ahead.one_of(b".")?;
            if ahead
                .literal("\u{a0}".as_bytes())
                .or_else(|| ahead.literal("\u{202f}".as_bytes()))
                .is_none()
            {
                ahead.spaces();
            }
            ahead.one_of(b"Mm")?;
            ahead.one_of(b".");
            half.eq_ignore_ascii_case(&b'p')
        }
        _ => return Some(hour),
    };
    if hour == 0 || hour > 12 {
        return None;
    }
    *cursor = ahead;
    Some(hour % 12 + if afternoon { 12 } else { 0 })
}

/// Puts the parts together. The zone of a time without a full date is passed over: such
/// times are only assumed anyway.
fn close(day: Day, nanoseconds: i64, zone: Zone) -> Option<Reading> {
    match (day, zone) {
        (Day::Full(days), Zone::Offset(offset)) => {
            instant(days, nanoseconds, offset).map(Reading::Instant)
        }
        (Day::Full(days), Zone::Unstated) => {
            instant(days, nanoseconds, 0).map(|as_utc| Reading::Zoneless { as_utc })
        }
        (Day::Yearless { month, day }, _) => Some(Reading::Yearless { month, day, nanoseconds }),
        (Day::Unstated, _) => Some(Reading::Daily { nanoseconds }),
    }
}

fn full(year: u32, month: u32, day: u32) -> Option<Day> {
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    day_number(i64::from(year), month, day).map(Day::Full)
}

/// A day of a year that has a 29th of February, since the year is open.
fn yearless(month: u8, day: u8) -> Option<Day> {
    day_number(2000, month, day).map(|_| Day::Yearless { month, day })
}

fn is_weekday(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
    word.len() == 3 && NAMES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// 1 to 12 for the name of a month, short or long, in English or another language of Latin
/// letters, as `java.util.logging` prints them.
fn month_name(word: &[u8]) -> Option<u8> {
    const NAMES: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    const OTHERS: [(&str, u8); 26] = [
        ("ene", 1),
        ("gen", 1),
        ("fév", 2),
        ("fev", 2),
        ("mär", 3),
        ("mrt", 3),
        ("maa", 3),
        ("avr", 4),
        ("abr", 4),
        ("mai", 5),
        ("mag", 5),
        ("mei", 5),
        ("juin", 6),
        ("giu", 6),
        ("juil", 7),
        ("lug", 7),
        ("aoû", 8),
        ("ago", 8),
        ("set", 9),
        ("okt", 10),
        ("out", 10),
        ("ott", 10),
        ("dez", 12),
        ("déc", 12),
        ("dic", 12),
        ("des", 12),
    ];
    let begins =
        |name: &[u8]| word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if let Some(index) = NAMES.iter().position(|name| begins(name)) {
        // `mars` is March, but `marzo` too; no other word that begins so stands in a date.
        return u8::try_from(index + 1).ok();
    }
    OTHERS.iter().find(|(name, _)| begins(name.as_bytes())).map(|(_, month)| *month)
}
