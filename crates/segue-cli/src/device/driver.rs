//! What a GPU needs on the machine, and whether it is there: for whoever has to find out why a device
//! is not.

use std::fmt;
#[cfg(any(feature = "vulkan", feature = "cuda"))]
use std::path::Path;
#[cfg(feature = "vulkan")]
use std::path::PathBuf;

/// The index of the libraries that programs find by name.
const LOADER_CACHE: &str = "/etc/ld.so.cache";

/// One thing that was looked for.
pub(crate) struct Looked {
    what: String,
    found: String,
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.found)
    }
}

/// What CUDA needs: the driver's library, and the driver in the kernel.
#[cfg(feature = "cuda")]
pub(crate) fn cuda() -> Vec<Looked> {
    let kernel = Path::new("/proc/driver/nvidia/version");
    vec![
        library("libcuda.so.1", "the driver's library"),
        Looked {
            what: format!("the kernel's driver, {}", kernel.display()),
            found: said(kernel.exists()),
        },
    ]
}

/// What Vulkan needs: its loader, and files that describe drivers to it.
#[cfg(feature = "vulkan")]
pub(crate) fn vulkan() -> Vec<Looked> {
    let variables = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];
    let named = variables
        .iter()
        .find_map(|name| Some((name, std::env::var_os(name)?)));
    let (place, drivers) = match named {
        Some((name, list)) => {
            let files = std::env::split_paths(&list).filter(|file| file.exists());
            (format!("${name}"), files.collect())
        }
        None => {
            let folders = ["/etc/vulkan/icd.d", "/usr/share/vulkan/icd.d"];
            let files = folders
                .iter()
                .flat_map(|folder| json_files(Path::new(folder)));
            (folders.join(" and "), files.collect::<Vec<_>>())
        }
    };
    let names: Vec<String> = drivers
        .iter()
        .filter_map(|file: &PathBuf| Some(file.file_name()?.to_string_lossy().into_owned()))
        .collect();
    vec![
        library("libvulkan.so.1", "Vulkan's loader"),
        Looked {
            what: format!("drivers in {place}"),
            found: match names.is_empty() {
                true => "none".to_owned(),
                false => names.join(", "),
            },
        },
    ]
}

#[cfg(feature = "vulkan")]
fn json_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect()
}

/// Looks for a library where programs find it: in the loader's index and in `LD_LIBRARY_PATH`.
fn library(name: &str, purpose: &str) -> Looked {
    let indexed = std::fs::read(LOADER_CACHE).is_ok_and(|cache| holds_name(&cache, name));
    let path = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).any(|folder| folder.join(name).exists());
    Looked {
        what: format!("{name}, {purpose}"),
        found: said(indexed || on_path),
    }
}

/// Whether an index of libraries, names ended by zeros, holds one.
fn holds_name(index: &[u8], name: &str) -> bool {
    let ended = [name.as_bytes(), b"\0"].concat();
    index.windows(ended.len()).any(|window| window == ended)
}

fn said(is_there: bool) -> String {
    match is_there {
        true => "there".to_owned(),
        false => "not there".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_found_by_its_whole_name() {
        let index = b"libcudart.so.12\0libcuda.so.1\0/usr/lib/libcuda.so.1\0";
        assert!(holds_name(index, "libcuda.so.1"));
        assert!(!holds_name(index, "libcuda.so"));
        assert!(!holds_name(index, "libvulkan.so.1"));
    }

    #[test]
    fn what_is_missing_is_named_with_its_purpose() {
        let looked = library("libsegue-is-no-library.so.9", "a test");
        assert_eq!(
            looked.to_string(),
            "libsegue-is-no-library.so.9, a test (not there)"
        );
    }
}
