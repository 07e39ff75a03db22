// Variables as services.messaging.variables fills them: once, and a value is never looked at again.
const VARIABLE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g

function filled(text, values) {
  return text.replace(VARIABLE, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole))
}
