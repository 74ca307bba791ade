//! `GetRandomPassword`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Chance, Cx, Operation, Result};

use crate::errors::invalid;

/// The kinds of characters, in the order of the parameters that exclude them.
const LOWERCASE: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// Length, unless it is said otherwise.
const LENGTH: usize = 32;

/// Makes a random password.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRandomPassword {
    password_length: Option<usize>,
    exclude_characters: Option<String>,
    exclude_numbers: Option<bool>,
    exclude_punctuation: Option<bool>,
    exclude_uppercase: Option<bool>,
    exclude_lowercase: Option<bool>,
    include_space: Option<bool>,
    require_each_included_type: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRandomPasswordResponse {
    random_password: String,
}

impl Operation for GetRandomPassword {
    const NAME: &'static str = "GetRandomPassword";
    type Output = GetRandomPasswordResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("secretsmanager:GetRandomPassword"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetRandomPasswordResponse> {
        let kinds = self.kinds();
        let every = self.require_each_included_type.unwrap_or(true);
        let length = self.password_length.unwrap_or(LENGTH);
        Ok(GetRandomPasswordResponse { random_password: draw(cx.chance(), &kinds, length, every)? })
    }
}

impl GetRandomPassword {
    /// The kinds of characters that are wanted, without those that are excluded.
    fn kinds(&self) -> Vec<Vec<char>> {
        let space = if self.include_space.unwrap_or(false) { " " } else { "" };
        let excluded = self.exclude_characters.as_deref().unwrap_or_default();
        [
            (LOWERCASE, self.exclude_lowercase),
            (UPPERCASE, self.exclude_uppercase),
            (NUMBERS, self.exclude_numbers),
            (PUNCTUATION, self.exclude_punctuation),
            (space, None),
        ]
        .into_iter()
        .filter(|(_, exclude)| !exclude.unwrap_or(false))
        .map(|(kind, _)| kind.chars().filter(|char| !excluded.contains(*char)).collect::<Vec<char>>())
        .filter(|kind| !kind.is_empty())
        .collect()
    }
}

#[allow(clippy::cast_possible_truncation)]
fn pick(chance: &Chance, bound: usize) -> usize {
    chance.below(bound as u64) as usize
}

/// A password of so many characters; with one of each kind, if `every`.
fn draw(chance: &Chance, kinds: &[Vec<char>], length: usize, every: bool) -> Result<String> {
    let all: Vec<char> = kinds.iter().flatten().copied().collect();
    if all.is_empty() {
        return Err(invalid("There are no characters left to make a password of."));
    }
    if every && length < kinds.len() {
        return Err(invalid("Password length is too short based on the required types."));
    }
    let mut password: Vec<char> = Vec::with_capacity(length);
    if every {
        password.extend(kinds.iter().map(|kind| kind[pick(chance, kind.len())]));
    }
    while password.len() < length {
        password.push(all[pick(chance, all.len())]);
    }
    // Where the required ones are must not be known.
    for at in (1..password.len()).rev() {
        password.swap(at, pick(chance, at + 1));
    }
    Ok(password.into_iter().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_password_has_its_length_and_one_of_each_kind() {
        let kinds: Vec<Vec<char>> = [LOWERCASE, NUMBERS, "!"].map(|kind| kind.chars().collect()).to_vec();
        for seed in 0..200 {
            let password = draw(&Chance::from_seed(seed), &kinds, 4, true).unwrap();
            assert_eq!(password.chars().count(), 4);
            assert!(kinds.iter().all(|kind| password.contains(kind.as_slice())), "{password}");
        }
        assert!(draw(&Chance::from_seed(1), &kinds, 2, true).is_err());
        assert!(draw(&Chance::from_seed(1), &[], 2, false).is_err());
    }
}
