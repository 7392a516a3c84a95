//! Panics as answers: libraries that speak with drivers have no other.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

/// The value, or the words of the first panic, in whichever thread it was; nothing is printed.
pub(crate) fn caught<T>(ask: impl FnOnce() -> T) -> Result<T, String> {
    let first = Arc::new(Mutex::new(None));
    let usual = panic::take_hook();
    let heard = first.clone();
    panic::set_hook(Box::new(move |panic| {
        if let Ok(mut heard) = heard.lock() {
            let message = panic.payload_as_str().unwrap_or("a panic without words");
            heard.get_or_insert_with(|| message.to_owned());
        }
    }));
    let answer = panic::catch_unwind(AssertUnwindSafe(ask));
    panic::set_hook(usual);
    let words = first.lock().ok().and_then(|mut words| words.take());
    answer.map_err(|_| words.unwrap_or_else(|| "it ended without words".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_is_its_words() {
        assert_eq!(caught(|| 3), Ok(3));
        assert_eq!(
            caught(|| -> u32 { panic!("no {}", "GPU") }),
            Err("no GPU".to_owned())
        );
    }
}
