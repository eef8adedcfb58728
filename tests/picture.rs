//! The picture of real output in the README: made from what the program prints, so that it
//! never shows what is no longer so. `LOGLOOM_BLESS=1` draws it anew.

use std::path::Path;
use std::{env, fs};

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

use crate::program::{INCIDENT, ORDER, Program};

/// Wide enough for bars and messages, narrow enough for a page.
const COLUMNS: usize = 110;

/// A picture with more rows is scrolled past.
const ROWS_MAX: usize = 58;

/// Rows of the database that are shown, of many that differ in nothing but the time.
const REPEATS_MAX: usize = 3;

/// Of what the repeated rows are.
const REPEATED: &str = "SELECT quantity";

/// Rows of the answer: the beginning of the story, with `…` where rows are left out.
fn rows(answer: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    let mut repeats = 0;
    for row in answer.lines() {
        repeats = if row.contains(REPEATED) { repeats + 1 } else { 0 };
        match repeats {
            ..=REPEATS_MAX => shown.push(row),
            _ if shown.last() == Some(&OMITTED) => {}
            _ => shown.push(OMITTED),
        }
    }
    if shown.len() > ROWS_MAX {
        shown.truncate(ROWS_MAX);
        shown.push(OMITTED);
    }
    shown.join("\n")
}

/// Stands for rows that are left out.
const OMITTED: &str = "         …";

/// A dark page of its own, so that it looks the same on light and dark ones.
fn draw(text: &str) -> String {
    let svg = Term::new()
        .palette(PALETTE)
        .fg_color(colour(0xd7, 0xdc, 0xe2))
        .bg_color(colour(0x16, 0x1b, 0x22))
        .render_svg(text);
    // Guides and times are of less weight, but they are to be read.
    svg.replace(".dimmed { opacity: 0.4; }", ".dimmed { fill-opacity: 0.6; }")
}

const fn colour(red: u8, green: u8, blue: u8) -> Color {
    Color::Rgb(RgbColor(red, green, blue))
}

/// Colours that can be told apart on the dark page.
const PALETTE: Palette = Palette([
    RgbColor(0x16, 0x1b, 0x22),
    RgbColor(0xff, 0x7b, 0x72),
    RgbColor(0x56, 0xd3, 0x64),
    RgbColor(0xe3, 0xb3, 0x41),
    RgbColor(0x79, 0xc0, 0xff),
    RgbColor(0xd2, 0xa8, 0xff),
    RgbColor(0x56, 0xd4, 0xdd),
    RgbColor(0xd7, 0xdc, 0xe2),
    RgbColor(0x8b, 0x94, 0x9e),
    RgbColor(0xff, 0xa1, 0x98),
    RgbColor(0xa5, 0xe8, 0x8a),
    RgbColor(0xf2, 0xcc, 0x60),
    RgbColor(0xa5, 0xb4, 0xfc),
    RgbColor(0xf7, 0x9a, 0xd3),
    RgbColor(0x9a, 0xe8, 0xd0),
    RgbColor(0xff, 0xff, 0xff),
]);

#[test]
fn the_picture_shows_what_the_program_says() {
    let answer = Program::new(COLUMNS).answer(&["trace", ORDER, INCIDENT, "--color", "always"]);
    let drawn = draw(&rows(&answer));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/picture.svg");
    if env::var_os("LOGLOOM_BLESS").is_some() {
        fs::write(&path, &drawn).expect("the picture can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == drawn,
        "docs/picture.svg shows what the program said once; `scripts/bless` draws it anew"
    );
}
