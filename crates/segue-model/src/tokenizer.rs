//! Captions to sub-words, in any language: byte-pair encoding whose unknown characters become
//! bytes, by Hugging Face's `tokenizers`.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::normalizers::unicode::NFC;
use tokenizers::normalizers::{Lowercase, Sequence};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{AddedToken, Tokenizer as HfTokenizer};

/// Fills up the shorter texts of a batch.
const PAD: u32 = 0;
/// Begins every text, so that none is empty.
const START: u32 = 1;

/// Why a tokenizer could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// The bytes are not a tokenizer's JSON.
    #[error("not a tokenizer in Hugging Face's JSON: {reason}")]
    Format {
        /// What the parser says.
        reason: String,
    },
    /// The tokenizer's first entries are not those of this project.
    #[error("token {id} of the vocabulary is {got:?}, expected {expected:?}")]
    Vocabulary {
        /// Place in the vocabulary.
        id: u32,
        /// What is there.
        got: Option<String>,
        /// What should be there.
        expected: &'static str,
    },
    /// The captions gave no vocabulary.
    #[error("the sub-words could not be trained: {reason}")]
    Training {
        /// What the trainer says.
        reason: String,
    },
}

/// Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909) of lower-case NFC text, split at
/// spaces and punctuation. Diacritics are kept. A character that training never saw is spelled in
/// UTF-8 bytes, so that nothing is ever unknown.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: HfTokenizer,
}

/// A batch of texts as the text encoder takes them.
#[derive(Clone, Debug)]
pub struct TokenBatch {
    /// `[batch, n]`
    pub tokens: Tensor<2, Int>,
    /// True where there is no token, `[batch, n]`
    pub padding: Tensor<2, Bool>,
    /// For each text, how many of its last tokens did not fit.
    pub cut: Vec<usize>,
}

impl Tokenizer {
    /// A tokenizer from Hugging Face's JSON ([`to_bytes`](Self::to_bytes)).
    ///
    /// # Errors
    /// [`TokenizerError::Format`] if it is not one, [`TokenizerError::Vocabulary`] if it is one of
    /// another project.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let inner = HfTokenizer::from_bytes(bytes).map_err(|error| TokenizerError::Format {
            reason: error.to_string(),
        })?;
        for (id, expected) in [(PAD, "[PAD]"), (START, "[START]")] {
            let got = inner.id_to_token(id);
            if got.as_deref() != Some(expected) {
                return Err(TokenizerError::Vocabulary { id, got, expected });
            }
        }
        Ok(Self { inner })
    }

    /// The tokenizer as Hugging Face's JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.inner
            .to_string(false)
            .expect("a tokenizer can always be written")
            .into_bytes()
    }

    /// Learns `n_vocabulary` sub-words from captions, the 258 of padding, start and bytes included.
    /// The same captions in the same order give the same tokenizer.
    ///
    /// # Errors
    /// [`TokenizerError::Training`] if the library refuses.
    pub fn train<S>(
        captions: impl Iterator<Item = S> + Send,
        n_vocabulary: usize,
    ) -> Result<Self, TokenizerError>
    where
        S: AsRef<str> + Send,
    {
        let failed = |error: tokenizers::Error| TokenizerError::Training {
            reason: error.to_string(),
        };
        let bytes = (0..=255u8).map(|byte| format!("<0x{byte:02X}>"));
        let special = ["[PAD]", "[START]"]
            .map(String::from)
            .into_iter()
            .chain(bytes);
        let trainer = BpeTrainer::builder()
            .show_progress(false)
            .vocab_size(n_vocabulary)
            .min_frequency(2)
            .special_tokens(special.map(|token| AddedToken::from(token, true)).collect())
            .build();
        let model = BPE::builder().byte_fallback(true).build().map_err(failed)?;
        let mut inner = HfTokenizer::new(model);
        inner
            .with_normalizer(Some(Sequence::new(vec![NFC.into(), Lowercase.into()])))
            .map_err(failed)?
            .with_pre_tokenizer(Some(BertPreTokenizer));
        inner
            .train(&mut TrainerWrapper::from(trainer), captions)
            .map_err(failed)?;
        Ok(Self { inner })
    }

    /// Sub-words in the vocabulary.
    pub fn n_vocabulary(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The sub-words of a text, after the start.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let encoding = self
            .inner
            .encode_fast(text, false)
            .expect("bytes spell every text");
        core::iter::once(START)
            .chain(encoding.get_ids().iter().copied())
            .collect()
    }

    /// The texts of a batch, cut or filled up to `n_tokens`.
    ///
    /// # Shapes
    /// - output: of `[texts, n_tokens]`
    pub fn batch(&self, texts: &[&str], n_tokens: usize, device: &Device) -> TokenBatch {
        let texts: Vec<Vec<u32>> = texts.iter().map(|text| self.encode(text)).collect();
        TokenBatch::new(&texts, n_tokens, device)
    }
}

impl TokenBatch {
    /// Texts whose sub-words are known ([`Tokenizer::encode`]), cut or filled up to `n_tokens`.
    ///
    /// # Shapes
    /// - output: of `[texts, n_tokens]`
    pub fn new(texts: &[Vec<u32>], n_tokens: usize, device: &Device) -> Self {
        let mut tokens = Vec::with_capacity(texts.len() * n_tokens);
        let mut padding = Vec::with_capacity(texts.len() * n_tokens);
        let mut cut = Vec::with_capacity(texts.len());
        for ids in texts {
            let kept = ids.len().min(n_tokens);
            tokens.extend(ids[..kept].iter().map(|id| *id as i64));
            tokens.resize(tokens.len() + n_tokens - kept, PAD as i64);
            padding.extend((0..n_tokens).map(|index| index >= kept));
            cut.push(ids.len() - kept);
        }
        let shape = [texts.len(), n_tokens];
        Self {
            tokens: Tensor::from_data(TensorData::new(tokens, shape), device),
            padding: Tensor::from_data(TensorData::new(padding, shape), device),
            cut,
        }
    }

    /// As [`new`](Self::new), but only as long as the longest text: what training on many short
    /// texts takes.
    ///
    /// # Shapes
    /// - output: of `[texts, n]`, n at most `most_tokens`
    pub fn of_longest(texts: &[Vec<u32>], most_tokens: usize, device: &Device) -> Self {
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        Self::new(texts, longest.min(most_tokens), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer() -> Tokenizer {
        let captions = [
            "Two sheep and a red house",
            "two sheep by the house",
            "hai con cừu đỏ",
        ];
        Tokenizer::train(captions.iter().cycle().take(30), 400).unwrap()
    }

    #[test]
    fn frequent_words_become_one_token_whatever_their_case() {
        let tokenizer = tokenizer();
        assert_eq!(tokenizer.encode("sheep HOUSE").len(), 3);
        assert_eq!(tokenizer.encode("sheep"), tokenizer.encode("Sheep"));
        assert_eq!(tokenizer.encode("cừu").len(), 2);
    }

    #[test]
    fn unseen_characters_are_spelled_in_bytes() {
        let tokenizer = tokenizer();
        // The three UTF-8 bytes of the character are tokens 2 + byte.
        assert_eq!(tokenizer.encode("€"), [START, 2 + 0xE2, 2 + 0x82, 2 + 0xAC]);
    }

    #[test]
    fn composed_and_decomposed_diacritics_are_the_same() {
        let tokenizer = tokenizer();
        assert_eq!(
            tokenizer.encode("c\u{1eeb}u"),
            tokenizer.encode("cu\u{31b}\u{300}u")
        );
    }

    #[test]
    fn a_tokenizer_comes_back_from_its_bytes() {
        let tokenizer = tokenizer();
        let back = Tokenizer::from_bytes(&tokenizer.to_bytes()).unwrap();
        let text = "two red sheep, hai con cừu: €";
        assert_eq!(back.encode(text), tokenizer.encode(text));
        assert_eq!(back.n_vocabulary(), tokenizer.n_vocabulary());
    }

    #[test]
    fn training_twice_gives_the_same_bytes() {
        assert_eq!(tokenizer().to_bytes(), tokenizer().to_bytes());
    }

    #[test]
    fn bytes_that_are_no_tokenizer_are_refused() {
        assert!(matches!(
            Tokenizer::from_bytes(b"{}"),
            Err(TokenizerError::Format { .. })
        ));
    }

    #[test]
    fn a_batch_is_cut_and_filled_up() {
        let tokenizer = tokenizer();
        let batch = tokenizer.batch(&["sheep", "two sheep by the house"], 4, &Device::flex());
        assert_eq!(batch.tokens.dims(), [2, 4]);
        assert_eq!(batch.cut, [0, 2]);
        let padding = batch.padding.into_data().try_to_vec::<bool>().unwrap();
        assert_eq!(
            padding,
            [false, false, true, true, false, false, false, false]
        );
    }

    #[test]
    fn a_batch_of_the_longest_is_no_longer_than_that() {
        let texts = [vec![START, 7, 8], vec![START]];
        let width = |most| {
            let batch = TokenBatch::of_longest(&texts, most, &Device::flex());
            (batch.tokens.dims(), batch.cut)
        };
        assert_eq!(width(64), ([2, 3], vec![0, 0]));
        assert_eq!(width(2), ([2, 2], vec![1, 0]));
    }
}
