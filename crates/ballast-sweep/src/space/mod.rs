//! The space that a sweep searches.

mod distribution;
mod number;
mod values;

#[cfg(test)]
pub(crate) mod tests;

use serde_json::{Map, Value};

pub use self::distribution::{Continuous, Distribution, Quantum};
pub(crate) use self::values::{fits, same};

/// The parameters of a sweep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Space {
    parameters: Vec<Parameter>,
    /// Indices of the parameters, each after the one that it depends on.
    evaluation_order: Vec<usize>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The names that lead to it, at least one; more than one if it is nested.
    pub path: Vec<String>,
    /// Its values.
    pub distribution: Distribution,
    /// When it exists. Always, if `None`.
    pub condition: Option<Condition>,
}

/// The parameter exists only where another one has certain values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The index of the other parameter in [`Space::parameters`].
    pub parameter: usize,
    /// Its values, at least one.
    pub values: Vec<Value>,
}

impl Parameter {
    /// The names joined by periods.
    pub fn name(&self) -> String {
        self.path.join(".")
    }
}

impl Space {
    /// A space of these parameters, in the order of their paths.
    ///
    /// Conditions must name existing parameters and must not go round in a circle.
    pub(crate) fn new(parameters: Vec<Parameter>) -> Self {
        let mut evaluation_order: Vec<usize> = (0..parameters.len()).collect();
        evaluation_order.sort_by_key(|&index| depth(&parameters, index));
        Self {
            parameters,
            evaluation_order,
        }
    }

    /// The parameters, in the order of their paths, which compare name by name.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Indices of the parameters, each after the one that it depends on.
    pub(crate) fn evaluation_order(&self) -> &[usize] {
        &self.evaluation_order
    }

    /// Chooses a value for each parameter that exists, the parameters that others depend on first.
    ///
    /// `choose` is given the index of the parameter. The answer is nested and in the order of the paths.
    pub(crate) fn build(&self, mut choose: impl FnMut(usize) -> Value) -> Map<String, Value> {
        let mut chosen: Vec<Option<Value>> = vec![None; self.parameters.len()];
        for &index in &self.evaluation_order {
            if self.exists(index, |parent| chosen[parent].as_ref()) {
                chosen[index] = Some(choose(index));
            }
        }
        self.assemble(chosen)
    }

    /// Nests the values, one or none for each parameter.
    pub(crate) fn assemble(&self, values: Vec<Option<Value>>) -> Map<String, Value> {
        let mut config = Map::new();
        for (parameter, value) in self.parameters.iter().zip(values) {
            if let Some(value) = value {
                insert(&mut config, &parameter.path, value);
            }
        }
        config
    }

    /// Whether a parameter exists, given the values of those that exist.
    pub(crate) fn exists<'v>(
        &self,
        index: usize,
        value: impl Fn(usize) -> Option<&'v Value>,
    ) -> bool {
        match &self.parameters[index].condition {
            None => true,
            Some(condition) => value(condition.parameter)
                .is_some_and(|found| condition.values.iter().any(|wanted| same(wanted, found))),
        }
    }

    /// The value that a configuration has for each parameter. One that must not exist there has none, whatever the
    /// configuration says.
    pub(crate) fn values_in<'c>(&self, config: &'c Map<String, Value>) -> Vec<Option<&'c Value>> {
        let mut values: Vec<Option<&Value>> = vec![None; self.parameters.len()];
        for &index in &self.evaluation_order {
            if self.exists(index, |parent| values[parent]) {
                values[index] = lookup(config, &self.parameters[index].path);
            }
        }
        values
    }

    /// Whether a configuration has a value inside the space for each parameter that exists, and none for one that does not.
    /// Other names are ignored.
    pub fn contains(&self, config: &Map<String, Value>) -> bool {
        let values = self.values_in(config);
        self.parameters
            .iter()
            .enumerate()
            .all(|(index, parameter)| {
                match (self.exists(index, |parent| values[parent]), values[index]) {
                    (true, Some(value)) => parameter.distribution.contains(value),
                    (true, None) => false,
                    (false, _) => lookup(config, &parameter.path).is_none(),
                }
            })
    }
}

/// How many parameters the given one depends on, directly and through others.
fn depth(parameters: &[Parameter], mut index: usize) -> usize {
    let mut depth = 0;
    while let Some(condition) = &parameters[index].condition {
        index = condition.parameter;
        depth += 1;
    }
    depth
}

/// The value at a path.
pub(crate) fn lookup<'c>(config: &'c Map<String, Value>, path: &[String]) -> Option<&'c Value> {
    let (first, rest) = path.split_first()?;
    let value = config.get(first)?;
    match rest {
        [] => Some(value),
        rest => lookup(value.as_object()?, rest),
    }
}

fn insert(config: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        config.insert(first.clone(), value);
        return;
    }
    let group = config
        .entry(first.clone())
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(group) = group {
        insert(group, rest, value);
    }
}
