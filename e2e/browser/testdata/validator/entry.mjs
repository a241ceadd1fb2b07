import { HtmlValidate, StaticConfigLoader } from 'html-validate/browser';
globalThis.validator = { HtmlValidate, StaticConfigLoader };
