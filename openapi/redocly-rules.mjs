// Our own lint rules, for what Redocly's cannot say. Each reports what the overlays repair.

const named = (schema) => schema['x-enum-varnames'] !== undefined;

/** A list of numbers without names: generated code calls its members VALUE_1, VALUE_2. */
const numbersHaveNames = () => ({
  Schema(schema, { report, location }) {
    if (schema.type === 'integer' && schema.enum?.length > 0 && !named(schema)) {
      report({
        message: 'A list of numbers needs x-enum-varnames.',
        location: location.child('enum'),
      });
    }
  },
});

/** An object in an answer that requires none of its properties: `{}` is a valid answer. */
const answersPromiseSomething = () => {
  let answers = 0;
  return {
    Response: {
      enter() {
        answers += 1;
      },
      leave() {
        answers -= 1;
      },
    },
    Schema(schema, { report }) {
      if (answers > 0 && schema.properties && !schema.required) {
        report({ message: 'An object in an answer that requires nothing promises nothing.' });
      }
    },
  };
};

/** An answer whose code may be anything: success and failure are one schema. */
const codesAreTold = () => ({
  Response: {
    MediaType(media, { report, location, resolve }) {
      const follow = (schema) => (schema?.$ref ? resolve(schema).node : schema);
      const parts = (schema) => [schema, ...(schema?.allOf ?? []).map(follow).flatMap(parts)];
      const all = parts(follow(media.schema)).filter(Boolean);
      for (const name of ['code', 'error_code']) {
        const codes = all.map((part) => follow(part.properties?.[name])).filter(Boolean);
        if (codes.length > 0 && !codes.some((code) => code.enum || code.not)) {
          report({
            message: `Any ${name} fits: success and failure are not told apart.`,
            location: location.child('schema'),
          });
        }
      }
    },
  },
});

export default function contractRules() {
  return {
    id: 'contract',
    rules: {
      oas3: {
        'numbers-have-names': numbersHaveNames,
        'answers-promise-something': answersPromiseSomething,
        'codes-are-told': codesAreTold,
      },
    },
  };
}
