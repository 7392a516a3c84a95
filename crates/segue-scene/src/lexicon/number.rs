//! Number words from 0 to 100.

const EN_ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const EN_TENS: [&str; 10] = [
    "", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

const VI_ONES: [&str; 10] = [
    "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín",
];

/// The English word of a number from 0 to 100 ("twenty one" without a hyphen); `None` beyond.
pub fn english_number(n: u32) -> Option<String> {
    let at = n as usize;
    Some(match n {
        0..=19 => EN_ONES[at].to_owned(),
        20..=99 if n.is_multiple_of(10) => EN_TENS[at / 10].to_owned(),
        20..=99 => format!("{} {}", EN_TENS[at / 10], EN_ONES[at % 10]),
        100 => "one hundred".to_owned(),
        _ => return None,
    })
}

/// The Vietnamese word of a number from 0 to 100; `None` beyond.
pub fn vietnamese_number(n: u32) -> Option<String> {
    let at = n as usize;
    let ones = |digit: usize| match digit {
        1 => "mốt",
        5 => "lăm",
        _ => VI_ONES[digit],
    };
    Some(match n {
        0..=9 => VI_ONES[at].to_owned(),
        10 => "mười".to_owned(),
        11 => "mười một".to_owned(),
        12..=19 => format!("mười {}", ones(at % 10)),
        20..=99 if n.is_multiple_of(10) => format!("{} mươi", VI_ONES[at / 10]),
        20..=99 => format!("{} mươi {}", VI_ONES[at / 10], ones(at % 10)),
        100 => "một trăm".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelt_in_both_languages() {
        let cases = [
            (0, "zero", "không"),
            (15, "fifteen", "mười lăm"),
            (21, "twenty one", "hai mươi mốt"),
            (40, "forty", "bốn mươi"),
            (100, "one hundred", "một trăm"),
        ];
        for (n, en, vi) in cases {
            assert_eq!(english_number(n).as_deref(), Some(en));
            assert_eq!(vietnamese_number(n).as_deref(), Some(vi));
        }
        assert_eq!(english_number(101), None);
    }
}
