//! Every command in the documents is run, and its output is what stands there.
//!
//! `TRYCMD=overwrite cargo test documents` writes the output anew; the difference is then
//! read like code.

#[test]
fn documents_show_what_the_program_says() {
    let cache = tempfile::tempdir().expect("a scratch directory");
    let cache = cache.path().to_str().expect("the path is text");
    trycmd::TestCases::new()
        .env("XDG_CACHE_HOME", cache)
        .env("TZ", "UTC")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .case("README.md")
        .case("samples/README.md")
        .case("docs/*.md")
        .run();
}
