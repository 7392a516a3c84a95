//! Packages of Debian, installed only by root; anyone else is told what to install.

use std::fs;

use anyhow::{Result, bail};

use crate::workshop::{Workshop, answer};

/// Installs those of `packages` that are missing, or says which ones a person has to install.
pub(crate) fn install(shop: &Workshop, packages: &[&str]) -> Result<()> {
    if !is_debian() {
        let list = packages.join(" ");
        bail!("this is not Debian: install by its own means what Debian calls {list}");
    }
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(shop, package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root(shop) {
        let list = missing.join(" ");
        bail!("only root installs packages; run: sudo apt-get install {list}");
    }
    if !is_offered(shop, &missing) {
        shop.run(shop.program("apt-get").arg("update"))?;
    }
    let mut apt = shop.program("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "--yes", "--quiet=2", "--no-install-recommends"])
        .args(missing);
    shop.run(&mut apt)
}

/// The newest package whose name is `prefix` and a number, such as `lld-22` for `lld-`.
pub(crate) fn newest(shop: &Workshop, prefix: &str) -> Option<String> {
    let names = answer(shop.program("apt-cache").args(["pkgnames", prefix]))?;
    let number = newest_number(names.lines(), prefix)?;
    Some(format!("{prefix}{number}"))
}

/// The greatest number that follows `prefix` and ends a name.
pub(crate) fn newest_number<'a>(names: impl Iterator<Item = &'a str>, prefix: &str) -> Option<u32> {
    names
        .filter_map(|name| name.strip_prefix(prefix)?.parse().ok())
        .max()
}

/// Whether this machine takes Debian's packages.
pub(crate) fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release")
        .is_ok_and(|release| release.lines().any(|line| line == "ID=debian"))
}

fn is_root(shop: &Workshop) -> bool {
    answer(shop.program("id").arg("-u")).as_deref() == Some("0")
}

fn is_installed(shop: &Workshop, package: &str) -> bool {
    let mut query = shop.program("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    answer(&mut query).as_deref() == Some("installed")
}

fn is_offered(shop: &Workshop, packages: &[&str]) -> bool {
    packages.iter().all(|package| {
        answer(shop.program("apt-cache").args(["policy", package])).is_some_and(|policy| {
            policy.contains("Candidate: ") && !policy.contains("Candidate: (none)")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_the_greatest_number_not_the_last_name() {
        let names = ["lld-9", "lld-22", "lld-19", "lld-13-dev", "lldb-30"];
        assert_eq!(newest_number(names.into_iter(), "lld-"), Some(22));
        assert_eq!(newest_number(names.into_iter(), "gcc-"), None);
    }
}
