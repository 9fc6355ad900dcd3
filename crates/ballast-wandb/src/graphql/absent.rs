//! Types that the client's documents name and of which there are no values yet.

/// A type without values.
pub(super) trait Absent {
    /// Anything follows from a value that cannot be.
    fn absurd<T>(&self) -> T;
}

/// Declares object types without values.
///
/// A document is refused as a whole if it names a type or field that does not exist, also where the answer would be
/// null. These types make such documents valid; being uninhabited, they cannot answer anything by mistake.
macro_rules! absent_types {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$field_meta:meta])* $field:ident $( ( $( $(#[$argument_meta:meta])* $argument:ident : $argument_type:ty ),* $(,)? ) )? : $type:ty, )*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum $name {}

        $(#[$meta])*
        #[async_graphql::Object]
        impl $name {
            $(
                $(#[$field_meta])*
                async fn $field(&self $( $(, $(#[$argument_meta])* $argument: $argument_type )* )?) -> $type {
                    $( $( let _ = &$argument; )* )?
                    $crate::graphql::absent::Absent::absurd(self)
                }
            )*
        }

        impl $crate::graphql::absent::Absent for $name {
            fn absurd<T>(&self) -> T {
                match *self {}
            }
        }
    )* };
}

pub(super) use absent_types;
