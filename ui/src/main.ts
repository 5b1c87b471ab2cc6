/** The beginning: styles, the session, then the app. */

import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/newsreader/standard.css";
import "./tokens.css";
import "./base.css";
import { mount } from "svelte";
import { session } from "./data/session.svelte";
import App from "./frame/App.svelte";
import { router } from "./router/router.svelte";

router.start();
session.prefer({});
void session.start();
mount(App, { target: document.getElementById("app")! });
