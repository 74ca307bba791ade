//! Enums whose variants have names in the API.

/// Defines an enum with the API's names for its variants: on the wire, in policies, in messages and in storage.
macro_rules! names {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $type:ident { $($(#[$note:meta])* $variant:ident = $name:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        $visibility enum $type {
            $($(#[$note])* #[serde(rename = $name)] $variant,)+
        }

        #[allow(dead_code, reason = "not every enum uses both")]
        impl $type {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in the API.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

pub(crate) use names;
