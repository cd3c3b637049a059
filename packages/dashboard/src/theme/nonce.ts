/** The nonce of this page, which style sheets that are made at run time must carry. */
const element = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');

export const styleNonce = element?.nonce ?? "";

// Where the scroll lock of modals looks for it.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
