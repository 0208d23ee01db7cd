import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption, type EChartsType } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, GridComponent, LegendComponent, AriaComponent, SVGRenderer])

const BLUE = '#0B5FCC'
const AMBER = '#8A4B00'
const GREY = '#4A5261'

export interface Series {
  name: string
  kind: 'bar' | 'line'
  values: number[]
  /** A colour of its own for each value; a word always stands beside it. */
  colours?: string[]
}

export interface Figure {
  labels: string[]
  series: Series[]
}

export const open = (element: HTMLElement): EChartsType => init(element, null, { renderer: 'svg' })

/** Nothing moves, nothing pops up: the board renews itself every few seconds, and the table says the rest. */
export function optionOf(figure: Figure, sentence: string, size: number): EChartsCoreOption {
  const text = { fontSize: size, color: GREY }
  return {
    animation: false,
    aria: { enabled: true, label: { description: sentence }, decal: { show: figure.series.length > 1 } },
    // Widths are measured apart from the page, so the family has to be named.
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 16, top: figure.series.length > 1 ? size * 3 : size * 1.5, bottom: 4, containLabel: true },
    legend: { show: figure.series.length > 1, top: 0, right: 0, textStyle: text, selectedMode: false },
    xAxis: { type: 'category', data: figure.labels, axisLabel: { ...text, interval: figure.labels.length > 6 ? 'auto' : 0 }, axisTick: { show: false } },
    yAxis: { type: 'value', minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: '#D9DEE7' } } },
    series: figure.series.map((one, at) => ({
      name: one.name, type: one.kind, barMaxWidth: size * 3, symbolSize: size / 2, lineStyle: { width: size / 5 },
      itemStyle: { color: at === 0 ? BLUE : AMBER },
      label: { show: figure.series.length === 1, position: 'top', ...text },
      data: one.values.map((value, place) => (one.colours ? { value, itemStyle: { color: one.colours[place] } } : value)),
    })),
  }
}
