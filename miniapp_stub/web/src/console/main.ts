import '../../../tokens/tokens.css'
import 'element-plus/es/components/base/style/css'
import 'element-plus/es/components/button/style/css'
import 'element-plus/es/components/dialog/style/css'
import 'element-plus/es/components/input/style/css'
import 'element-plus/es/components/message/style/css'
import '../styles/element.css'
import '../styles/base.css'
import '../styles/shell.css'
import '../styles/desk.css'
import '../styles/chat.css'
import '../styles/accounts.css'
import '../styles/bills.css'
import '../styles/staffing.css'
import '../styles/access.css'
import '../styles/mandates.css'

import { createApp } from 'vue'

import { takeReturn } from '../access/workplaces'
import { resume } from '../api/session'
import App from './App.vue'
import { router } from './router'

resume()
const back = takeReturn()
if (back) void router.replace(back)
createApp(App).use(router).mount('#console')
