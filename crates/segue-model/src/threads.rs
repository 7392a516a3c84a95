//! Work that all threads share.

/// What comes of every item, in their order, by all threads, each of which has room of its own.
pub(crate) fn share<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(&mut Vec<f32>, T) -> R + Send + Sync,
) -> Vec<R> {
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        items.into_par_iter().map_init(Vec::new, work).collect()
    }
    #[cfg(target_arch = "wasm32")]
    {
        let mut room = Vec::new();
        items
            .into_iter()
            .map(|item| work(&mut room, item))
            .collect()
    }
}

/// How many there are.
#[cfg(feature = "flex")]
pub(crate) fn count() -> usize {
    #[cfg(not(target_arch = "wasm32"))]
    return rayon::current_num_threads();
    #[cfg(target_arch = "wasm32")]
    return 1;
}
