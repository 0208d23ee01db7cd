import '../../../tokens/tokens.css'
import '../styles/base.css'
import './preview.css'

import { createApp } from 'vue'

import Preview from './Preview.vue'

createApp(Preview).mount('#preview')
