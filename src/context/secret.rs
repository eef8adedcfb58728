//! What must never become a key that people search for and share.

/// Whether a name, in lower snake case, is that of a secret.
pub(super) fn is_name(name: &str) -> bool {
    const ANYWHERE: [&str; 9] = [
        "password",
        "passwd",
        "secret",
        "token",
        "authorization",
        "cookie",
        "credential",
        "apikey",
        "bearer",
    ];
    const PARTS: [&str; 11] = [
        "pwd",
        "otp",
        "pin",
        "cvv",
        "cvc",
        "ssn",
        "pan",
        "iban",
        "auth",
        "signature",
        "passphrase",
    ];
    const PAIRS: [&str; 6] =
        ["api_key", "private_key", "access_key", "card_number", "card_no", "encryption_key"];
    ANYWHERE.iter().any(|word| name.contains(word))
        || PAIRS.iter().any(|pair| name.contains(pair))
        || name.split('_').any(|part| PARTS.contains(&part))
}

/// Whether a value is a secret by its own look: a JWT, a bearer token, a private key, a card's number.
pub(super) fn is_value(value: &str) -> bool {
    value.starts_with("eyJ")
        || value.starts_with("Bearer ")
        || value.starts_with("Basic ")
        || value.starts_with("-----BEGIN")
        || is_card(value)
}

/// 13 to 19 digits of a payment card: a known first digit and the right check digit (Luhn).
fn is_card(value: &str) -> bool {
    if !value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return false;
    }
    let digits =
        || value.bytes().rev().filter(u8::is_ascii_digit).map(|byte| u32::from(byte - b'0'));
    let begins_like_a_card = value.starts_with(['3', '4', '5', '6']) || value.starts_with("22");
    if !begins_like_a_card || !(13..=19).contains(&digits().count()) {
        return false;
    }
    let sum: u32 = digits()
        .enumerate()
        .map(|(index, digit)| match (index % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled @ 10..) => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name() {
        for name in
            ["password", "user_password", "access_token", "x_api_key", "pin", "cvv", "set_cookie"]
        {
            assert!(is_name(name), "name: {name}");
        }
        for name in ["order_id", "shipping_id", "pinned_item", "author_id", "company"] {
            assert!(!is_name(name), "name: {name}");
        }
    }

    #[test]
    fn secrets_are_known_by_look() {
        for value in ["4111111111111111", "4111-1111-1111-1111", "eyJhbGciOi", "Bearer abc"] {
            assert!(is_value(value), "value: {value}");
        }
        for value in ["4111111111111112", "1795253415250", "ORD-5521", "5521"] {
            assert!(!is_value(value), "value: {value}");
        }
    }
}
